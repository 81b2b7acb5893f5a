"""Locks of some crews: every plan keeps them, against enumeration, and a lock that cannot be kept is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.tiny import brute_force, lawful_lines, tiny_instance

from passerelle.kernel.problems import InputError
from passerelle.planning.roster.check import check
from passerelle.planning.roster.locks import Lock, joined_plan, with_duties, with_locks
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance


def _locks(instance: Instance, rng: np.random.Generator) -> list[Lock]:
    """Draw locks from one lawful line of each group."""
    found = []
    for group in instance.groups:
        lines = [line for line in lawful_lines(instance, group) if line]
        if group.strength and lines and not group.crews_per_escort:
            line = lines[int(rng.integers(len(lines)))]
            found += [Lock(group.code, duty, 1) for duty in line[: int(rng.integers(1, 3))]]
    return found


def _kept(plan: Plan, lock: Lock) -> int:
    return sum(
        line.crews for line in plan.lines if line.group == lock.group and lock.duty in line.duties
    )


def test_every_plan_keeps_the_locks_and_none_is_better() -> None:
    compared = 0
    for seed in range(150):
        plain = tiny_instance(seed)
        locks = _locks(plain, np.random.default_rng(seed))
        if not locks:
            continue
        try:
            instance = with_locks(plain, locks)
        except InputError:
            continue
        best = brute_force(instance, most=3000)
        if best is None or best == float("inf"):
            continue

        result = solve(instance, Stop(iterations=60), params=SolveParams(threads=1))

        assert result.plan is not None
        assert check(instance, result.plan).violations == (), seed
        assert result.bound <= best + 1e-6, seed
        assert result.value >= best - 1e-6, seed
        assert result.status is not Status.OPTIMAL or result.value <= best + 1e-6, seed
        joined = joined_plan(result.plan)
        assert all(_kept(joined, lock) >= lock.crews for lock in locks), seed
        plain_plan = replace(joined, instance_hash=(whole := with_duties(plain, ())).hash)
        assert check(whole, plain_plan).violations == (), seed
        compared += 1
    assert compared >= 20


def _one(crews: int, **more: object) -> Instance:
    from tests.unit.planning.roster.test_solve import _one_site

    return _one_site(crews=crews, days=2, **more)


DUTY = Duty(480, 960, "A", "patrol")
NEXT = Duty(1440 + 480, 1440 + 960, "A", "patrol")


def test_locks_on_different_days_fall_on_the_same_crews() -> None:
    instance = with_locks(_one(3), [Lock("G", DUTY, 2), Lock("G", NEXT, 1)])

    assert [(g.strength, len(g.locked)) for g in instance.groups] == [(1, 0), (1, 2), (1, 1)]


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        (Lock("X", DUTY, 1), "lock.unknown-group"),
        (Lock("G", DUTY, 4), "lock.strength"),
        (Lock("G", Duty(480, 960, "B", "patrol"), 1), "lock.reach"),
        (Lock("G", Duty(480, 960, "A", "eod"), 1), "lock.capability"),
        (Lock("G", Duty(0, 1200, "A", "patrol"), 1), "lock.duty-length"),
    ],
)
def test_a_lock_that_cannot_be_kept_is_named(lock: Lock, code: str) -> None:
    with pytest.raises(InputError) as caught:
        with_locks(_one(3), [lock])

    assert [issue.code for issue in caught.value.issues] == [code]


def test_a_locked_duty_that_nobody_asks_for_any_more_is_in_the_catalogue() -> None:
    odd = Duty(540, 900, "A", "patrol")
    instance = with_locks(_one(1), [Lock("G", odd, 1)])

    plan = Plan(instance.hash, (Line("G~1", 1, (odd,)),))

    assert check(instance, plan).violations == ()
