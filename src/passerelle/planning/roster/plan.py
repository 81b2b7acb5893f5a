"""What the engine answers: lines of duties, each worked by so many crews of a group."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Duty", "Line", "Plan"]


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """Post a crew at a site in one capability from start to end, on site.

    Parameters
    ----------
    start_min, end_min
        Time on site, minutes since the start of the instance; counted travel comes on top.
    site, capability
        Where and as what.
    """

    start_min: int
    end_min: int
    site: str
    capability: str

    def __post_init__(self) -> None:
        if self.start_min >= self.end_min:
            raise ValueError(f"Expected start_min < end_min, got {self.start_min}, {self.end_min}.")


@dataclass(frozen=True, slots=True)
class Line:
    """Let ``crews`` crews of a group work these duties, in order of time.

    Parameters
    ----------
    group
        Code of the group.
    crews
        Number of crews, ``>= 1``.
    duties
        Duties over the horizon, in order.
    """

    group: str
    crews: int
    duties: tuple[Duty, ...]

    def __post_init__(self) -> None:
        if self.crews < 1:
            raise ValueError(f"Expected crews >= 1, got {self.crews}.")


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold the lines of all crews; crews that appear in no line rest.

    Parameters
    ----------
    instance_hash
        Hash of the instance that the plan answers.
    lines
        The lines.
    """

    instance_hash: str
    lines: tuple[Line, ...]

    @property
    def n_duties(self) -> int:
        """Crew-duties in the plan."""
        return sum(line.crews * len(line.duties) for line in self.lines)
