from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from passerelle.planning.formats.shift_scheduling import read_instance, read_roster
from passerelle.planning.roster.named.checker import check_roster

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

PEOPLE, DAYS = 16, 28


def instance(folder: Path) -> Path:
    """Write an instance that takes longer than the test: few people for uneven needs."""
    staff = [f"P{p},E=20|L=12|N={p % 5},8640,7200,5,2,2,2" for p in range(PEOPLE)]
    wishes = [
        f"P{p},{(5 * p + 3 * k) % DAYS},L,{1 + (p + k) % 3}"
        for p in range(PEOPLE)
        for k in range(6)
    ]
    cover = [
        f"{d},{t},{2 + (d * k) % 4},100,1" for d in range(DAYS) for k, t in enumerate("ELN", 1)
    ]
    lines = [
        "SECTION_HORIZON", str(DAYS), "SECTION_SHIFTS", "E,480,", "L,480,E", "N,480,E|L",
        "SECTION_STAFF", *staff, "SECTION_DAYS_OFF", *[f"P{p},{p}" for p in range(PEOPLE)],
        "SECTION_SHIFT_ON_REQUESTS", *wishes, "SECTION_SHIFT_OFF_REQUESTS", "P0,1,E,1",
        "SECTION_COVER", *cover,
    ]  # fmt: skip
    path = folder / "busy.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_an_interrupted_solve_writes_its_best_roster_and_ends_in_order(tmp_path: Path) -> None:
    file, out = instance(tmp_path), tmp_path / "roster.csv"
    claim = tmp_path / "certificate.json"
    line = [sys.executable, "-m", "passerelle.cli", "roster", "solve", str(file)]
    # Progress is shown on terminals only; its first line says that interrupts are heeded now.
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*line, "--seconds", "300", "--out", str(out), "--certificate", str(claim)],
        stderr=follower, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        os.close(follower)
        os.read(leader, 1)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=120)
    os.close(leader)

    grid = read_instance(file)
    assert process.returncode == 0
    assert "0 breaches" in shown
    assert check_roster(grid, read_roster(out, grid)).breaches == ()
    assert claim.is_file()
