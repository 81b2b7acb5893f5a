"""The script: every step of the plot with the function that plays it, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.node.story import (
    asking,
    closing,
    committing,
    identifying,
    playing,
    rostering,
    standing,
)
from passerelle.node.story.plot import plot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.node.story.plot import Step
    from passerelle.node.story.world import World

__all__ = ["STEPS", "play"]

STEPS: Final[Mapping[str, Callable[[World], None]]] = {
    "plan": asking.plan,
    "ask": asking.ask,
    "meet": standing.meet,
    "announce": asking.announce,
    "answer": asking.answer,
    "adopt": standing.adopt,
    "accept": committing.accept,
    "sign": committing.sign,
    "name_people": committing.name_people,
    "contest": standing.contest,
    "identify": identifying.identify,
    "resume": identifying.resume,
    "clear_people": committing.clear_people,
    "duties": rostering.duties,
    "arrive": playing.arrive,
    "inform": playing.inform,
    "rejoin": playing.rejoin,
    "certificate_ends": committing.certificate_ends,
    "report_cyber": playing.report_cyber,
    "change": rostering.change,
    "close": closing.close,
    "prove": closing.prove,
}
"""Function of each step; the order is that of the plot."""


def play(world: World) -> Iterator[Step]:
    """Play every step in order; give each when it is done."""
    for step in plot():
        STEPS[step.key](world)
        yield step
