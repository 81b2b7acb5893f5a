from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.inrc2.files import (
    read_history,
    read_scenario,
    read_solution,
    read_week,
)
from passerelle.planning.formats.inrc2.scoring import Costs, score

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.shared
def test_the_reference_solution_scores_as_the_official_validator_says(shared: Path) -> None:
    folder = shared / "benchmarks" / "inrc2" / "n005w4"
    scenario = read_scenario(folder / "Sc-n005w4.txt")
    history = read_history(folder / "H0-n005w4-0.txt", scenario)
    numbers = (1, 2, 3, 3)
    weeks = [read_week(folder / f"WD-n005w4-{number}.txt", scenario) for number in numbers]
    solution = [
        assignment
        for week, number in enumerate(numbers)
        for assignment in read_solution(
            folder / "Solution_H_0-WD_1-2-3-3" / f"Sol-n005w4-{number}-{week}.txt", scenario, week
        )
    ]

    costs = score(scenario, history, weeks, solution)

    assert costs == Costs(
        hard=0, total=320, runs=465, rests=330, wishes=70, weekends=210, complete=60, optimal=240
    )
    assert costs.value == 1695


def test_a_scenario_cut_off_in_the_middle_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "Sc.txt"
    path.write_text("SCENARIO = x\n\nWEEKS = 4\n\nSHIFT_TYPES = 2\nEarly (2,5)\n")

    with pytest.raises(InputError) as caught:
        read_scenario(path)

    assert [(issue.line, issue.code) for issue in caught.value.issues] == [(6, "inrc2.line")]
