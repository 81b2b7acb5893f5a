"""Steps 5 and 6: a roster from what is committed, duties to each partner, and the day of the triathlon.

The forces come from commitments and rolls, a worker solves the roster, and each partner gets the duties of
its own people out of the plan that was published. When the triathlon moves, the published plan is
repaired, and only who is touched hears of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from passerelle.node.story.asking import EVENT, MA, say_as_partner, tell_plan
from passerelle.node.story.cases import case_of

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = ["TRIATHLON", "change", "duties", "repair"]

TRIATHLON: Final[dict[str, Json]] = {
    "kind": "session-moved",
    "session": "P-TRI01",
    "start": "2024-07-31T08:45:00Z",
}
"""The men's race of 30 July is run on the 31st, after the women's: the water was not clean enough."""


def duties(world: World) -> None:
    """Step 5, July: forces from commitments and rolls, a roster, duties published and acknowledged."""
    world.at("2024-07-20T08:00:00Z")
    forces = world.fr.call("take_forces", by="planner", event=EVENT)
    world.tell(
        f"Forces from {forces['committed']} groups committed by {forces['states']} states, "
        f"{forces['rolls']} of them by name."
    )
    number = world.have_planned("solve", by="planner", event=EVENT, seconds=world.seconds)
    world.at("2024-07-21T10:00:00Z")
    tell_plan(world, number)
    _send(world, number)


def change(world: World) -> None:
    """Step 6, 30 July: the triathlon moves by a day; the plan is repaired, who is touched is told."""
    world.at("2024-07-30T02:30:00Z")
    repair(world, TRIATHLON)


def repair(world: World, what: dict[str, Json]) -> None:
    """Have the published plan repaired after a change, publish it, and tell who is touched."""
    number = world.have_planned("repair", by="planner", event=EVENT, change=what)
    report = tell_plan(world, number)["repair"]
    world.tell(
        f"{report['touched']} crew duties touched, {report['forced']} by the change itself, "
        f"at least {report['touched_least']} in any plan; {report['seconds']:.1f} s."
    )
    _send(world, number)


def _send(world: World, number: int) -> None:
    """Send the duties that are new or changed; every partner that was told acknowledges."""
    told = world.fr.call("send_duties", by="planner", event=EVENT, number=number)
    meant = [one for one in told if one["people"] or one["dropped"]]
    for one in meant:
        world.tell(f"Sent to {one['state']}: {_words(one)}.")
    if told and not meant:
        world.tell("Nobody of a partner is touched: no partner is sent anything.")
    world.settle()
    if world.ma.call("acknowledge_duties", by="leader", case=MA, role="head-of-delegation"):
        world.settle()
    for state, peer in world.partners.peers.items():
        waiting = peer.unanswered(case_of(f"reinforcement/{state.lower()}"), "publish")
        if waiting:
            say_as_partner(world, state, "acknowledge-duties", {}, re=waiting)
    world.settle()


def _words(one: dict[str, Any]) -> str:
    words = f"{one['duties']} duties of {one['people']} people"
    return f"{words}, {one['dropped']} people without any" if one["dropped"] else words
