"""The steps of the story as data: when, in which words, and where each can be seen."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from passerelle.kernel.labels import Labels
from passerelle.node.story.cases import case_of

__all__ = ["Step", "plot"]


@dataclass(frozen=True, slots=True)
class Step:
    """Describe one step.

    Parameters
    ----------
    key
        Name of the function that plays it.
    number
        Number in the story.
    on
        Day on which it begins.
    labels
        What happens.
    cases
        Names and numbers of the dossiers in which it is seen.
    pages
        Parts of the desk in which it is seen.
    """

    key: str
    number: str
    on: date
    labels: Labels
    cases: tuple[tuple[str, str], ...]
    pages: tuple[str, ...]


@cache
def plot() -> tuple[Step, ...]:
    """Return the steps in the order in which they are played."""
    text = resources.files("passerelle.node.story").joinpath("plot.toml").read_text("utf-8")
    return tuple(
        Step(
            row["key"],
            row["number"],
            date.fromisoformat(row["on"]),
            Labels(row["fr"], row["en"], row["ar"]),
            tuple((name, case_of(name)) for name in row["cases"]),
            tuple(row.get("pages", ())),
        )
        for row in tomllib.loads(text)["step"]
    )
