"""Invent problems of the competition from a seed, in its own format, of any size.

Only few of the competition's files are at hand; invented ones show how time and gap grow with the size. Shapes
follow the published ones: rare head nurses who may do every work, full-time and part-time contracts, least
cover that the nurses can meet, best cover by a load, wishes of every fifth nurse a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.formats.inrc2.files import ANY, DAYS, NOTHING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["InventedSize", "invent"]

_SHIFTS: Final = (("Early", 2, 5), ("Day", 2, 28), ("Late", 2, 5), ("Night", 3, 5))
_SKILLS: Final = ("Nurse", "HeadNurse", "Caretaker", "Trainee")
_CONTRACTS: Final = (
    ("FullTime", (15, 22), (3, 5), (2, 3), 2, 1),
    ("PartTime", (7, 15), (3, 5), (2, 5), 2, 1),
    ("HalfTime", (5, 11), (2, 4), (3, 5), 1, 0),
)
_REFERENCE_WEEKS: Final = 4


@dataclass(frozen=True, slots=True)
class InventedSize:
    """Say how large an invented problem is.

    Parameters
    ----------
    nurses, weeks
        Of the horizon.
    shifts, skills
        At most four each.
    week_files, histories
        Files to choose from.
    load
        Share of all days that the best cover asks for; the contracts allow 0.6 of them. Published weeks
        ask for more than the contracts allow.
    """

    nurses: int = 30
    weeks: int = 4
    shifts: int = 4
    skills: int = 3
    week_files: int = 10
    histories: int = 1
    load: float = 0.55

    def __post_init__(self) -> None:
        for name in ("nurses", "weeks", "shifts", "skills", "week_files", "histories"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} >= 1, got {getattr(self, name)}.")
        if not 0 < self.load <= 1:
            raise ValueError(f"Expected a load above 0 and up to 1, got {self.load}.")
        if self.shifts > len(_SHIFTS) or self.skills > len(_SKILLS):
            raise ValueError(f"Expected at most {len(_SHIFTS)} shifts and {len(_SKILLS)} skills.")

    @property
    def name(self) -> str:
        """Name of the instance in the notation of the competition."""
        return f"n{self.nurses:03d}w{self.weeks}"


def invent(folder: Path, size: InventedSize, seed: int) -> None:
    """Write scenario, histories and weeks.

    Parameters
    ----------
    folder
        Made when it is absent.
    size
        How large.
    seed
        The same seed writes the same files.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    skills = _SKILLS[: size.skills]
    own = [_skills_of(skills, rng) for _ in range(size.nurses)]
    own[0] = list(skills)
    _write(folder / f"Sc-{size.name}.txt", _scenario(size, own, rng))
    for number in range(size.histories):
        _write(folder / f"H0-{size.name}-{number}.txt", _history(size, number, rng))
    for number in range(size.week_files):
        _write(folder / f"WD-{size.name}-{number}.txt", _week(size, own, rng))


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _nurse(number: int) -> str:
    return f"N{number:03d}"


def _skills_of(skills: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    """Draw the skills of a nurse: one mostly, two often, all rarely."""
    draw = rng.random()
    if draw < 0.15:
        return list(skills)
    count = 1 if draw < 0.6 else min(2, len(skills))
    chosen = rng.choice(len(skills), count, replace=False)
    return [skills[k] for k in sorted(chosen)]


def _scenario(size: InventedSize, own: list[list[str]], rng: np.random.Generator) -> list[str]:
    """Write the scenario: totals grow with the weeks."""
    shifts = _SHIFTS[: size.shifts]
    lines = [f"SCENARIO = {size.name}", "", f"WEEKS = {size.weeks}", "", f"SKILLS = {size.skills}"]
    lines += _SKILLS[: size.skills]
    lines += ["", f"SHIFT_TYPES = {size.shifts}"]
    lines += [f"{name} ({least},{most})" for name, least, most in shifts]
    lines += ["", "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS"]
    for k, (name, _, _) in enumerate(shifts):
        earlier = [other for other, _, _ in shifts[:k]]
        lines.append(" ".join([name, str(len(earlier)), *earlier]))
    lines += ["", f"CONTRACTS = {len(_CONTRACTS)}"]
    for name, total, work, rest, weekends, whole in _CONTRACTS:
        least, most = (round(part * size.weeks / _REFERENCE_WEEKS) for part in total)
        most_weekends = max(round(weekends * size.weeks / _REFERENCE_WEEKS), 1)
        pairs = f"({least},{most}) ({work[0]},{work[1]}) ({rest[0]},{rest[1]})"
        lines.append(f"{name} {pairs} {most_weekends} {whole}")
    lines += ["", f"NURSES = {size.nurses}"]
    for number, skills in enumerate(own):
        contract = _CONTRACTS[int(rng.choice(len(_CONTRACTS), p=[0.5, 0.3, 0.2]))][0]
        lines.append(f"{_nurse(number)} {contract} {len(skills)} {' '.join(skills)}")
    return lines


def _history(size: InventedSize, number: int, rng: np.random.Generator) -> list[str]:
    """Write what everybody did before: half of them worked on the last day."""
    lines = ["HISTORY", f"{number} {size.name}", "", "NURSE_HISTORY"]
    for nurse in range(size.nurses):
        if rng.random() < 0.5:
            lines.append(f"{_nurse(nurse)} 0 0 {NOTHING} 0 0 {int(rng.integers(1, 4))}")
            continue
        work = int(rng.integers(1, 6))
        same = int(rng.integers(1, work + 1))
        shift = _SHIFTS[int(rng.integers(0, size.shifts))][0]
        lines.append(f"{_nurse(nurse)} 0 0 {shift} {same} {work} 0")
    return lines


def _week(size: InventedSize, own: list[list[str]], rng: np.random.Generator) -> list[str]:
    """Write a week: cover by how many have the skill, wishes by chance."""
    shifts, skills = _SHIFTS[: size.shifts], _SKILLS[: size.skills]
    shares = {skill: sum(1.0 / len(mine) for mine in own if skill in mine) for skill in skills}
    lines = ["WEEK_DATA", size.name, "", "REQUIREMENTS"]
    for shift, _, _ in shifts:
        for skill in skills:
            mean = size.load * shares[skill] / size.shifts
            best = np.minimum(rng.poisson(mean, len(DAYS)), int(np.ceil(mean)) + 1)
            least = np.minimum(best, int(0.7 * mean + rng.random()))
            pairs = (f"({low},{high})" for low, high in zip(least, best, strict=True))
            lines.append(" ".join([shift, skill, *pairs]))
    wishes = []
    for nurse in np.flatnonzero(rng.random(size.nurses) < 0.2):
        shift = ANY if rng.random() < 0.6 else shifts[int(rng.integers(0, size.shifts))][0]
        days = rng.choice(len(DAYS), int(rng.integers(1, 3)), replace=False)
        wishes += [f"{_nurse(int(nurse))} {shift} {DAYS[int(day)]}" for day in days]
    return [*lines, "", f"SHIFT_OFF_REQUESTS = {len(wishes)}", *wishes]
