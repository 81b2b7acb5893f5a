"""Steps 1 to 3: the requests leave, Morocco announces, the answers come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from passerelle.node.dossiers.said import Said
from passerelle.node.story.cases import case_of
from passerelle.node.story.requests import answer_of, offers_for, read_lines, request_fields
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = ["announce", "answer", "ask", "ma_request", "say_as_partner"]

EVENT: Final = "paris-2024"
MA: Final = case_of("reinforcement/ma")
_LATE: Final = "late"


def ask(world: World) -> None:
    """Step 1, January: the gap becomes requests, one dossier a partner; they take charge."""
    world.at("2024-01-15T09:00:00Z")
    lines = read_lines(world.example)
    for state in world.partners.peers:
        world.fr.open(
            "reinforcement/request", "directorate", request_fields(state, lines[state]),
            by="directorate", to=state.lower(), case=case_of(f"reinforcement/{state.lower()}"),
            event=EVENT,
        )  # fmt: skip
    world.fr.open(
        "reinforcement/request", "directorate", ma_request(world),
        by="directorate", to="ma", case=MA, event=EVENT,
    )  # fmt: skip
    world.at("2024-01-16T10:00:00Z")
    world.ma.say("directorate", MA, "acknowledge", "focal-point", {"case_officer": "cooperation"})
    for state, found in _answers(world).items():
        if found.kind != "silent":
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
    found = _answers(world)
    lines = read_lines(world.example)
    for state, one in found.items():
        if one.kind == "declined":
            fields: dict[str, Json] = {"reason_code": "own-need", "reason": "Needed at home."}
            say_as_partner(world, state, "decline-all", fields)
        elif one.kind not in {_LATE, "silent"}:
            offers: list[Any] = offers_for(lines[state], one)
            say_as_partner(world, state, "offer", {"offers": offers})
    world.ma.say("directorate", MA, "offer", "focal-point", {"offers": ma_offers(world)})
    world.settle()
    world.at("2024-05-06T10:00:00Z")
    for state, one in found.items():
        if one.kind == _LATE:
            say_as_partner(world, state, "offer", {"offers": list(offers_for(lines[state], one))})
    world.settle()


def ma_request(world: World) -> dict[str, Json]:
    """Return the request to Morocco."""
    text = (world.example / "requests" / "ma.json").read_text("utf-8")
    fields: dict[str, Json] = json.loads(text)
    return fields | {"issued_on": "2024-01-15", "answer_by": "2024-05-01T18:00:00Z"}


def ma_offers(world: World) -> list[Json]:
    """Return Morocco's offers: bomb disposal in full, patrols in part, analysts by counter-offer."""
    lines: Any = ma_request(world)["lines"]
    eod, patrol, analysts = lines
    shared = ("line", "capability", "places", "from", "to", "command")
    common: dict[str, Json] = {"approving_authority": "Ministry of the Interior, Morocco"}
    conditions: list[Json] = [
        {"subject": "escorts", "text": "One host officer beside every patrol."},
        {"subject": "lodging", "text": "Lodging within 30 minutes of the site."},
    ]
    return [
        {
            **{name: eod[name] for name in (*shared, "posts", "present", "people")}, **common,
            "offer": "O1", "answer": "full", "unit": "Bomb-disposal service",
            "certificates": ["eod-2"], "languages": ["ar", "fr"],
            "valid_until": "2024-05-31T18:00:00Z",
        },
        {
            **{name: patrol[name] for name in shared}, **common,
            "offer": "O2", "answer": "partial", "unit": "Public security",
            "posts": 8, "present": 16, "people": 20, "languages": ["ar", "fr"],
            "conditions": conditions, "valid_until": "2024-05-31T18:00:00Z",
        },
        {
            **{name: analysts[name] for name in shared}, **common,
            "offer": "O3", "answer": "counter", "unit": "Analysis service",
            "posts": 3, "present": 3, "people": 6, "from": "2024-07-20T00:00:00Z",
            "valid_until": "2024-05-15T18:00:00Z",
        },
    ]  # fmt: skip


def say_as_partner(world: World, state: str, act: str, payload: dict[str, Json]) -> None:
    """Let a scripted partner say an act in its dossier of reinforcement, once."""
    peer = world.partners.peers[state]
    shape = definition("reinforcement")
    role = next(name for name in shape.acts[act].who if shape.roles[name].side == "partner")
    said = Said(
        "reinforcement", shape.digest, act, "partner", role, "user:directorate", payload, EVENT
    )
    peer.say_once(case_of(f"reinforcement/{state.lower()}"), said)


def _answers(world: World) -> dict[str, Any]:  # Any: Answer
    return dict(answer_of(tuple(world.partners.peers), world.seed))
