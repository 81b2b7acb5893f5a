"""The stage on which the story plays: two nodes, their partners, and one clock for all."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Problem, UnavailableError
from passerelle.kernel.times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.node.story.partners import Partners
    from passerelle.node.story.speaker import Speaker

__all__ = ["World"]

_PATIENCE_S: Final = 300.0
_PAUSE_S: Final = 0.05
_LOOK_S: Final = 0.5
_MOST_TRIES: Final = 3


@dataclass
class World:
    """Hold both voices and the partners, and move all clocks together.

    Parameters
    ----------
    fr, ma
        The host's node and the partner's node.
    partners
        The other states.
    example
        Event folder of the story.
    folder
        Where packs and exports are written.
    tell
        Takes one line a step, as labels by language.
    people
        Share of the people of the story that is named one by one, in percent: tests play with few.
    seed
        Decides how the other states answer.
    seconds
        Time given to each solve of a plan.
    good_gap
        A solve is stopped before its time when its gap is proven to be no more than this.
    away
        Nodes that are down.
    notes
        What the offices met on the way: codes of refusals, files written.
    is_over
        Tells whether to leave the stage.
    """

    fr: Speaker
    ma: Speaker
    partners: Partners
    example: Path
    folder: Path
    tell: Callable[[str], None]
    people: int = 100
    seed: int = 1
    seconds: int = 45
    good_gap: float = 0.01
    away: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    is_over: Callable[[], bool] = bool

    def at(self, instant: str) -> None:
        """Let everything arrive, then move every clock to an instant; never back."""
        if self.fr.call("now") >= instant:
            return
        self.settle()
        when = parse_instant(instant)
        present = [self.fr] if "ma" in self.away else [self.fr, self.ma]
        self.partners.publish(when)
        for node in present:
            node.call("publish", instant=instant)
        self.partners.advance(when)
        for node in present:
            node.call("advance", instant=instant)

    def note(self, name: str, value: str) -> None:
        """Keep what happened, for whoever tells or tests the story."""
        self.notes[name] = value

    def settle(self) -> None:
        """Wait until all that was said is receipted and folded on every node that is up.

        Raises
        ------
        UnavailableError
            When it takes too long; the message names what is still under way.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            if self.is_over():
                raise UnavailableError("The story was left.", code="story.left")
            late = [f"push of {state}" for state in self.partners.flush()]
            late += [f"fr: {one}" for one in self.fr.call("pending")]
            if "ma" not in self.away:
                late += [f"ma: {one}" for one in self.ma.call("pending")]
            if not late:
                return
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "Still under way after {seconds} s: {what}.",
                    code="story.unsettled",
                    seconds=int(_PATIENCE_S),
                    what=", ".join(late[:6]),
                )
            time.sleep(_PAUSE_S)

    def have_planned(self, verb: str, **arguments: Any) -> int:  # Any: as the verb has it
        """Have a worker of the host solve or repair; return the number of the version.

        A solve that found nobody to put on duty, on a machine with much else to do, is tried again
        with more time.

        Raises
        ------
        UnavailableError
            When the story is left meanwhile.
        Problem
            When there is no version in the end.
        """
        why = ""
        for attempt in range(_MOST_TRIES + 1):
            if "seconds" in arguments and attempt:
                arguments["seconds"] *= 2
            found = self.fr.call(verb, **arguments)
            if "plan" in found:
                return int(found["plan"])
            if attempt < _MOST_TRIES:
                why = self._follow(found["job"])
        raise Problem("No plan: {why}", code="story.no-plan", why=why)

    def _follow(self, key: str) -> str:
        """Tell how a job stands until it is over, stop it when it is good; return why it failed."""
        shown, is_stopped = "", False
        while True:
            if self.is_over():
                raise UnavailableError("The story was left.", code="story.left")
            job = self.fr.call("job", key=key)
            if job["is_over"]:
                return str(job["error"])
            line = _standing(job)
            if line != shown:
                self.tell(line)
                shown = line
            if not is_stopped and job["gap"] is not None and job["gap"] <= self.good_gap:
                self.fr.call("stop_job", by="planner", key=key)
                is_stopped = True
            time.sleep(_LOOK_S)

    def lose(self, node: str) -> None:
        """Take note that a node is down: nobody waits for it, and its clock stands."""
        self.away.add(node)
        self.fr.call("expect_away", peers=sorted(self.away))

    def find_again(self, node: str) -> None:
        """Take note that a node is up again, and bring its clock to that of the others."""
        instant = self.fr.call("now")
        self.away.discard(node)
        self.ma.call("publish", instant=instant)
        self.ma.call("advance", instant=instant)
        self.fr.call("expect_away", peers=sorted(self.away))


def _standing(job: dict[str, Any]) -> str:  # Any: JSON
    if job["value"] is None:
        return f"{job['phase']} …"
    gap = "" if job["gap"] is None else f", gap {100 * job['gap']:.2f} %"
    return f"{job['phase']}: value {job['value']:,.0f}{gap}"
