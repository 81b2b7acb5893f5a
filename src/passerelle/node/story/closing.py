"""Step 10: the mission ends, both nodes count the same, and the record proves itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Problem
from passerelle.node.story.asking import MA
from passerelle.node.story.committing import people_of

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = ["close", "count", "prove"]

GAMES: Final = ("2024-07-24T00:00:00Z", "2024-08-12T00:00:00Z")


def close(world: World) -> None:
    """Step 10, August: everybody leaves, the mission ends, each side writes its lesson."""
    world.at("2024-08-12T18:00:00Z")
    world.fr.say_each(
        "liaison", MA, "depart", "arrival-desk",
        [{"person": row["person"], "at": "2024-08-12T10:00:00Z"} for row in people_of(world)],
    )  # fmt: skip
    world.fr.say("directorate", MA, "end", "directorate", {})
    world.settle()
    world.at("2024-08-14T09:00:00Z")
    lesson: dict[str, Json] = {
        "facts": "One certificate ended during the mission; one group came a day late.",
        "lesson": "Ask for certificates that outlast the mission by thirty days.",
        "owner": "Cooperation directorate", "due_on": "2024-10-31",
    }  # fmt: skip
    world.fr.say("directorate", MA, "review", "directorate", lesson)
    world.ma.say(
        "directorate", MA, "review-partner", "focal-point",
        lesson | {"lesson": "Reserve seats a day earlier.", "owner": "Liaison desk"},
    )  # fmt: skip
    world.settle()


def count(world: World) -> list[Any]:
    """Return the figures that both nodes count.

    Raises
    ------
    Problem
        When they differ, with code ``story.counts``.
    """
    figures = [
        node.call("counts", case=MA, start=GAMES[0], end=GAMES[1]) for node in (world.fr, world.ma)
    ]
    if figures[0] != figures[1]:
        raise Problem("The two nodes count different figures.", code="story.counts")
    return list(figures[0])


def prove(world: World) -> None:
    """Step 10: the pack that proves the dossier offline."""
    world.at("2024-08-15T09:00:00Z")
    world.settle()
    count(world)
    path = world.folder / "reinforcement-ma.pack"
    world.fr.call("pack", peer="ma", case=MA, path=str(path))
    world.note("pack", str(path))
