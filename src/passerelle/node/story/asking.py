"""Steps 1 to 3: a first plan, requests drafted from its gap, Morocco announces, the answers come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from passerelle.node.dossiers.said import Said
from passerelle.node.story.cases import case_of
from passerelle.node.story.requests import answer_of, offers_for, read_reported
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.requests import Answer
    from passerelle.node.story.world import World

__all__ = [
    "CAMPAIGN", "EVENT", "MA", "PROGRAMME", "announce", "answer", "ask", "ma_lines", "ma_offers", "plan",
    "say_as_partner", "tell_plan",
]  # fmt: skip

EVENT: Final = "paris-2024"
PROGRAMME: Final = "sessions_planned.csv"
"""The programme as it stood in January: the triathlon is still on 30 July."""
MA: Final = case_of("reinforcement/ma")
CAMPAIGN: Final = "Jeux de Paris 2024"
_LATE: Final = "late"
_TOWN: Final = "STE"
"""Where Morocco's team plays twice: its line of bomb disposal is the first."""
_ANSWER_BY: Final = "2024-05-01T18:00:00Z"
_RANK: Final = {"eod": 0, "joint_patrol": 1, "analyst": 2}
_SOME: Final = 0.6


def plan(world: World) -> None:
    """Step 1, January: a plan with the own forces and what partners are thought to send."""
    world.at("2024-01-08T09:00:00Z")
    world.fr.call("take_programme", by="planner", folder=str(world.example), programme=PROGRAMME)
    number = world.have_planned("solve", by="planner", event=EVENT, seconds=world.seconds)
    tell_plan(world, number)


def tell_plan(world: World, number: int) -> dict[str, Any]:  # Any: JSON
    """Publish a version of the plan and tell what is proven of it."""
    found: dict[str, Any] = world.fr.call("publish_plan", by="planner", event=EVENT, number=number)
    gap = "not proven" if found["gap"] is None else f"{100 * found['gap']:.2f} %"
    world.tell(
        f"Plan {number} published: value {found['value']:,.0f}, gap {gap}, "
        f"{found['duties']:,} crew duties, {found['people']:,} people, {found['seconds']:.1f} s."
    )
    return found


def ask(world: World) -> None:
    """Step 1, January: requests drafted from the gap, a dossier a partner; they take charge."""
    world.at("2024-01-15T09:00:00Z")
    peers = ["ma", *(state.lower() for state in world.partners.peers)]
    drafted = world.fr.call(
        "draft", by="directorate", event=EVENT, title=CAMPAIGN, peers=peers,
        header=_header(world), answer_by=_ANSWER_BY,
    )  # fmt: skip
    sent = world.fr.call(
        "send_campaign", by="directorate", event=EVENT, title=CAMPAIGN,
        numbers={peer: case_of(f"reinforcement/{peer}") for peer in peers},
    )  # fmt: skip
    world.tell(
        f"Drafted from the gap: {drafted['lines']} lines for {drafted['people']:,} people, "
        f"sent to {len(sent['asked'])} states."
    )
    for peer, why in sent["problems"].items():
        world.tell(f"Not sent to {peer}: {why}")
    world.settle()
    world.at("2024-01-16T10:00:00Z")
    world.ma.say("directorate", MA, "acknowledge", "focal-point", {"case_officer": "cooperation"})
    for state, found in _answers(world).items():
        if found.kind != "silent" and _lines(world, state):
            say_as_partner(world, state, "acknowledge", {"case_officer": "cooperation"})
    world.settle()


def announce(world: World) -> None:
    """Step 2, 22 April: Morocco announces that it joins; no figure, nothing is counted."""
    world.at("2024-04-22T12:00:00Z")
    world.ma.say(
        "directorate", MA, "announce", "focal-point",
        {
            "text": "Morocco takes part in securing the Games; the size is not known yet.",
            "on": "2024-04-22",
            "source_of_text": "Joint press statement of both ministers, Rabat",
        },
    )  # fmt: skip
    world.settle()


def answer(world: World) -> None:
    """Step 3, end of April: full, partial on conditions, counter-offer; the other states answer."""
    world.at("2024-04-29T10:00:00Z")
    for state, one in _answers(world).items():
        if one.kind not in {_LATE, "silent"}:
            _answer_as(world, state, one)
    world.ma.say("directorate", MA, "offer", "focal-point", {"offers": list(ma_offers(world))})
    world.settle()
    world.at("2024-05-06T10:00:00Z")
    for state, one in _answers(world).items():
        if one.kind == _LATE:
            _answer_as(world, state, one)
    world.settle()


def _answer_as(world: World, state: str, one: Answer) -> None:
    lines = _lines(world, state)
    offers: list[Any] = offers_for(lines, one, read_reported(world.example)[state])
    fields: dict[str, Json] = {"reason_code": "own-need", "reason": "Needed at home."}
    if lines and (one.kind == "declined" or not offers):
        say_as_partner(world, state, "decline-all", fields)
    elif offers:
        say_as_partner(world, state, "offer", {"offers": offers})


def _lines(world: World, state: str) -> list[dict[str, Any]]:
    return world.partners.peers[state].asked(case_of(f"reinforcement/{state.lower()}"))


def _header(world: World) -> dict[str, Json]:
    """Return the fields of every request, as the ministry words them."""
    text = (world.example / "requests" / "ma.json").read_text("utf-8")
    fields: dict[str, Json] = json.loads(text)
    own = ("issuing_authority", "signatory", "legal_basis", "handling", "contact_24_7")
    return {**{name: fields[name] for name in own}, "languages": ["fr", "en"]}


def ma_lines(world: World) -> list[dict[str, Any]]:
    """Return the lines that Morocco was asked, as they stand in the record."""
    view = world.fr.call("view", case=MA)
    return [
        line
        for step in view["steps"]
        if step["act"] == "request"
        for line in step["payload"]["lines"]
    ]


def ma_offers(world: World) -> list[dict[str, Any]]:
    """Return Morocco's offers: bomb disposal in full, patrols in part, analysts by counter-offer."""
    lines = sorted(
        ma_lines(world),
        key=lambda one: (_RANK.get(one["capability"], len(_RANK)), _TOWN not in one["places"]),
    )
    return [_ma_offer(f"O{number}", line) for number, line in enumerate(lines, start=1)]


def _ma_offer(code: str, line: dict[str, Any]) -> dict[str, Any]:
    names = ("line", "capability", "posts", "present", "people", "places", "from", "to", "command")
    offer: dict[str, Any] = {
        "offer": code,
        "answer": "full",
        **{name: line[name] for name in names},
        "unit": _UNITS.get(line["capability"], "Public security"),
        "languages": ["ar", "fr"],
        "valid_until": "2024-05-31T18:00:00Z",
        "approving_authority": "Ministry of the Interior, Morocco",
    }
    if line["capability"] == "eod":
        return offer | {"certificates": ["eod-2"]}
    if line["capability"] == "joint_patrol":
        people = max(2, int(line["people"] * _SOME) // 2 * 2)
        present = min(people, line["present"])
        fewer = {"people": people, "present": present, "posts": min(line["posts"], present // 2)}
        return offer | fewer | {"answer": "partial", "conditions": _CONDITIONS}
    if line["capability"] == "analyst":
        people = max(1, line["people"] * 2 // 3)
        fewer = {"people": people, "present": min(people, line["present"])}
        fewer["posts"] = min(line["posts"], fewer["present"])
        return offer | fewer | {"answer": "counter", "valid_until": "2024-05-15T18:00:00Z"}
    return offer


_UNITS: Final = {"eod": "Bomb-disposal service", "analyst": "Analysis service"}
_CONDITIONS: Final = [
    {"subject": "escorts", "text": "One host officer beside every patrol."},
    {"subject": "lodging", "text": "Lodging within 30 minutes of the site."},
]


def say_as_partner(
    world: World,
    state: str,
    act: str,
    payload: dict[str, Json],
    *,
    name: str = "reinforcement",
    re: tuple[str, ...] = (),
) -> None:
    """Let a scripted partner say an act in one of its dossiers, once."""
    peer = world.partners.peers[state]
    shape = definition(name)
    role = next(
        one for one in shape.acts[act].who if shape.roles[one].side in {"partner", "either"}
    )
    said = Said(name, shape.digest, act, "partner", role, "user:directorate", payload, EVENT)
    case = case_of(f"{name}/{state.lower()}")
    if re:
        peer.say(case, said, re=re)
    else:
        peer.say_once(case, said)


def _answers(world: World) -> dict[str, Answer]:
    return dict(answer_of(tuple(world.partners.peers), world.seed))
