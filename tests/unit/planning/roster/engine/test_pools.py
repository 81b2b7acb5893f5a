"""What classes share stands once in a programme, and that loses nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.staffed import broken_by, solved, staffing_of
from tests.factories.tiny import tiny_instance

from passerelle.planning.roster.engine.choice import teams_of, twins_of

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.choice import Team
    from passerelle.planning.roster.engine.staffing import Staffing
    from passerelle.planning.roster.instance import Instance

SEEDS = range(30)
MATES = "passerelle.planning.roster.engine.choice._MATES"
ONE_OF_MANY = pytest.mark.parametrize("mates", [0.9, 0.3], ids=["as planned", "more in one team"])


def crowded(seed: int) -> Instance:
    """Return an event whose partners differ by languages, arrival and longest run only."""
    rng = np.random.default_rng(seed)
    event = tiny_instance(seed)
    model = replace(
        event.groups[0], capabilities=("patrol",), strength=9, windows=((0, event.days * 1440),),
        tags=(), use_cost=0.0,
    )  # fmt: skip
    model = replace(model, rules=replace(model.rules, run_least=1, run_days=3))

    guests = replace(model, contingent="P", crews_per_escort=int(rng.integers(1, 3)))
    groups = (
        model,
        replace(model, code="E", capabilities=("patrol", "escort"), strength=4),
        replace(guests, code="P1", strength=20, tags=("lang:ar",)),
        replace(guests, code="P2", strength=15),
        replace(guests, code="P3", strength=1, windows=((480, event.days * 1440),)),
        replace(guests, code="P4", strength=1, rules=replace(model.rules, run_days=2)),
    )
    cells = tuple(
        replace(c, minimum=3 * c.minimum, target=5 * c.target, ceiling=6 * c.ceiling)
        for c in event.cells
    )
    return replace(event, groups=groups, cells=cells, limits=())


def value_of(event: Instance) -> float:
    staffing = staffing_of(event)
    return sum(solved(staffing, index).value for index in range(len(staffing.parts)))


def teams(staffing: Staffing) -> list[Team]:
    t, lines, alike = staffing.tables, staffing.pricing, staffing.alike
    kinds = [kind for part in staffing.parts for kind in part.kinds]
    twins = twins_of(t, lines, alike, kinds)
    return teams_of(t, lines, twins, alike.pools(sorted({w.cls for w in twins})))


def codes(staffing: Staffing, team: Team) -> set[str]:
    kinds = staffing.tables.kinds
    groups = staffing.tables.instance.groups
    return {groups[i].code for twins in team.twins for k in twins.kinds for i in kinds[k].members}


@pytest.mark.parametrize("seed", SEEDS)
def test_sharing_postings_and_merging_duties_changes_no_value(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.choice._is_within", lambda a, b: a is b)
    shared = staffing_of(crowded(seed))
    classes = {o.cls for o in shared.tables.options}
    if not any(len(pool.classes) > 1 for pool in shared.alike.pools(sorted(classes))):
        pytest.skip("nothing is asked for that two classes may work")
    monkeypatch.setattr(
        "passerelle.planning.roster.engine.pools._key", lambda _tables, index: (index,)
    )
    apart = staffing_of(crowded(seed))

    values = [
        sum(solved(staffing, index).value for index in range(len(staffing.parts)))
        for staffing in (shared, apart)
    ]

    assert apart.alike.size(classes) > shared.alike.size(classes)
    assert values[0] == pytest.approx(values[1], rel=2e-3, abs=0.5)


@ONE_OF_MANY
@pytest.mark.parametrize("seed", SEEDS)
def test_a_flow_of_a_team_costs_no_more_than_those_of_its_kinds(
    seed: int, mates: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MATES, mates)
    together = value_of(crowded(seed))
    monkeypatch.setattr("passerelle.planning.roster.engine.choice._is_within", lambda a, b: a is b)
    alone = value_of(crowded(seed))

    assert together <= alone * (1.0 + 2e-3) + 0.5


@ONE_OF_MANY
@pytest.mark.parametrize("seed", SEEDS)
def test_whole_crews_of_teams_keep_their_own_rules_and_options(
    seed: int, mates: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MATES, mates)
    staffing = staffing_of(crowded(seed))
    before = staffing.cost

    for index in range(len(staffing.parts)):
        staffing.post(index, solved(staffing, index))

    board = staffing.board
    assert staffing.cost <= before
    assert all(n >= 0 for n in board.free)
    assert not broken_by(staffing)


@pytest.mark.parametrize("seed", SEEDS)
def test_crews_go_to_a_pool_only_out_of_those_who_may(seed: int) -> None:
    staffing = staffing_of(crowded(seed))
    classes = sorted({o.cls for o in staffing.tables.options})

    for flowed in [solved(staffing, index) for index in range(len(staffing.parts))]:
        for posting, pool, weight in zip(flowed.postings, flowed.pool, flowed.weight, strict=True):
            first = int(staffing.alike.first[staffing.catalogue.option[posting]])
            may = {c for c in classes if (first, c) in staffing.alike._own}
            assert {flowed.flows[i].cls for i in flowed.drawn[pool]} <= may
            assert weight >= -1e-6
        for shares in flowed.drawn:
            assert all(
                (share >= 0.0).all() and (share < 1.0 + 1e-6).all() for share in shares.values()
            )


def test_who_comes_later_or_has_shorter_runs_joins_a_team_and_escorts_stay_apart() -> None:
    staffing = staffing_of(crowded(0))

    found = [codes(staffing, team) for team in teams(staffing)]

    assert {"E"} in found
    assert any({"P3", "P4"} <= team and len(team) > 2 for team in found)


def test_who_has_looser_rules_stays_apart() -> None:
    event = crowded(0)
    longer = [
        replace(g, rules=replace(g.rules, run_days=6)) if g.code == "P4" else g
        for g in event.groups
    ]
    staffing = staffing_of(replace(event, groups=tuple(longer)))

    assert {"P4"} in [codes(staffing, team) for team in teams(staffing)]


def test_postings_are_named_by_the_first_option_that_is_alike() -> None:
    staffing = staffing_of(crowded(0))
    alike, catalogue = staffing.alike, staffing.catalogue

    named = alike.named(np.arange(len(catalogue.option), dtype=np.int64))

    firsts = catalogue.option[named]
    assert (alike.first[firsts] == firsts).all()
    assert len(named) == alike.size({o.cls for o in staffing.tables.options})
    for option, first in enumerate(alike.first.tolist()):
        assert alike.own(first, staffing.tables.options[option].cls) is not None
