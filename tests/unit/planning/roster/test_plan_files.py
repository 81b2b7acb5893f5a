"""Plans as files, gaps and explanations of short posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.roster import START

from passerelle.kernel.problems import InputError
from passerelle.planning.explain import explain_short
from passerelle.planning.formats.plan_json import read_plan, write_plan
from passerelle.planning.roster.gap import GapRow, gap_rows
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.result import Result, Status

if TYPE_CHECKING:
    from pathlib import Path


def _instance() -> Instance:
    """Two crews wanted at A from eight to four; one near, one resting, one too far away."""
    return Instance(
        "files", START, 2, 60,
        (Base("HQ", {"A": 0, "B": 0}), Base("FAR", {"B": 0})),
        (
            Group("near", "FR", ("patrol",), 1, 2, "HQ", ((0, 2880),)),
            Group("tired", "FR", ("patrol",), 1, 2, "HQ", ((0, 2880),)),
            Group("far", "FR", ("patrol",), 1, 2, "FAR", ((0, 2880),)),
            Group("guest", "MA", ("patrol",), 1, 2, "HQ", ((0, 2880),), crews_per_escort=1),
            Group("idle", "FR", ("patrol",), 1, 2, "HQ", ((0, 2880),)),
        ),
        (Cell("A", "patrol", 480, 960, 1, 2, 2, 100.0, 10.0),),
        (
            Shifts("A", "patrol", (480, 960), 240, 720),
            Shifts("B", "patrol", (0, 420), 240, 720),
        ),
    )  # fmt: skip


def _plan(instance: Instance) -> Plan:
    return Plan(
        instance.hash,
        (
            Line("near", 1, (Duty(480, 960, "A", "patrol"),)),
            Line("tired", 1, (Duty(0, 420, "B", "patrol"),)),
        ),
    )


def _result(plan: Plan) -> Result:
    return Result(
        Status.FEASIBLE, plan, 1.0, {"duty": 1.0}, 0.5, 0, {}, plan.instance_hash, None, 0.1, 1.0
    )


def test_plan_survives_the_way_through_a_file(tmp_path: Path) -> None:
    instance = _instance()
    plan = _plan(instance)

    write_plan(tmp_path / "plan.json", instance.start, _result(plan))

    assert read_plan(tmp_path / "plan.json", instance.start) == plan


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"format": "passerelle-plan/1", "lines', "plan.not-json"),
        ('{"format": "other"}', "plan.invalid"),
        ("[]", "plan.invalid"),
        ('{"format": "passerelle-plan/1", "instance": "x", "duties": [], "lines": [["G", 1, [3]]]}',
         "plan.invalid"),
    ],
)  # fmt: skip
def test_broken_file_is_named(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)

    with pytest.raises(InputError) as caught:
        read_plan(path, START)

    assert [issue.code for issue in caught.value.issues] == [code]


def test_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_plan(tmp_path / "none.json", START)

    assert caught.value.issues[0].expected == "a file"


def test_gap_is_what_the_plan_leaves_open() -> None:
    instance = _instance()

    assert gap_rows(instance, _plan(instance)) == (GapRow(0, "A", "patrol", 8.0, 1),)


def test_short_post_names_the_first_rule_that_blocks_each_group() -> None:
    instance = _instance()

    (cell,) = explain_short(instance, _plan(instance), "A", 600)

    assert (cell.on_duty, cell.minimum, cell.target) == (1, 1, 2)
    assert {c.group: c.blocked_by for c in cell.candidates} == {
        "idle": "",
        "near": "on-duty",
        "tired": "one-a-day",
        "far": "reach",
        "guest": "escort",
    }
    assert cell.candidates[0].group == "idle"


def test_post_that_is_full_needs_no_explanation() -> None:
    instance = _instance()

    assert explain_short(instance, _plan(instance), "A", 1200) == ()
