"""Step 4: offers accepted, arrangements and commitments signed by both, people named and cleared."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.capabilities import capability
from passerelle.node.story.asking import EVENT, MA, ma_offers, say_as_partner
from passerelle.node.story.cases import case_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = [
    "LAPSING", "accept", "certificate_ends", "clear_people", "items_of", "ma_items", "name_people",
    "naming", "people_of", "sign",
]  # fmt: skip

LAPSING: Final = ("MA-I1-01", "MA-I1-02")
"""The crew of technicians whose certificates end during the Games."""
NAMED: Final = ("eod", "joint_patrol", "analyst")
"""What Morocco names its people for; delegations come with the team and are named by it."""
_DOGS: Final = "k9_explosives"
_MOST_NAMING: Final = 2
_MOST_NAMED: Final = 8
"""People named for one item; the rest of an item stays without a roll in the story."""
_NAMES: Final = ("offer", "capability", "posts", "present", "people", "places", "from", "to")


def accept(world: World) -> None:
    """Step 4, 13 May: the host accepts what stands, before the counter-offer runs out."""
    world.at("2024-05-13T10:00:00Z")
    for state in world.partners.peers:
        case = case_of(f"reinforcement/{state.lower()}")
        offers = _standing(world, case)
        if offers:
            world.fr.say("directorate", case, "accept", "directorate", {"accepted_offers": offers})
    world.fr.say(
        "directorate", MA, "accept", "directorate",
        {
            "accepted_offers": [offer["offer"] for offer in ma_offers(world)],
            "conditions_met": [
                {"subject": "escorts", "text": "One host officer beside every patrol."},
                {"subject": "lodging", "text": "Lodging reserved within 30 minutes."},
            ],
        },
    )  # fmt: skip
    world.settle()


def sign(world: World) -> None:
    """Step 4, May and June: commitment and arrangement, each signed by both."""
    world.at("2024-05-24T10:00:00Z")
    for state in world.partners.peers:
        _commit_with(world, state)
    signed: dict[str, Json] = {"commitment": "C1", "level": "technical", "items": ma_items(world)}
    world.fr.say("directorate", MA, "commit", "directorate", signed)
    world.settle()
    world.ma.say("directorate", MA, "commit", "focal-point", signed)
    states = ("MA", *naming(world))
    for state in states:
        world.fr.open(
            "arrangement/propose", "directorate", _arrangement(state),
            by="directorate", to=state.lower(), case=_text_case(state), event=EVENT,
        )  # fmt: skip
    world.settle()
    world.at("2024-06-10T10:00:00Z")
    for state in states:
        _both(world, state, "arrangement/agree", {"text_hash": _text_hash(state)})
    world.at("2024-06-20T10:00:00Z")
    for state in states:
        text: dict[str, Json] = {"text_hash": _text_hash(state)}
        _both(world, state, "arrangement/sign", {**text, "in_force_from": "2024-07-01"})
        bound: dict[str, Json] = {"arrangement": _text_case(state), "signed_on": "2024-06-20"}
        _both(world, state, "reinforcement/bind", {**bound, **text})


def _both(world: World, state: str, opening: str, payload: dict[str, Json]) -> None:
    """Let the host say an act, then the partner the same."""
    name, _, act = opening.partition("/")
    case = case_of(f"{name}/{state.lower()}")
    by = "approval" if act == "sign" else "directorate"
    world.fr.say(by, case, act, "signatory" if act == "sign" else "directorate", payload)
    world.settle()
    if state == "MA":
        world.ma.say(by, case, act, "signatory" if act == "sign" else "focal-point", payload)
    else:
        say_as_partner(world, state, act, payload, name=name)
    world.settle()


def naming(world: World) -> list[str]:
    """Return the states, beside Morocco, whose story goes on to the roll: those that send dogs."""
    found = []
    for state in world.partners.peers:
        case = case_of(f"reinforcement/{state.lower()}")
        if world.fr.call("state", case=case) not in {"committed", "deployed", "ended"}:
            continue
        items = _committed(world, case)
        if any(item["capability"] == _DOGS for item in items):
            found.append(state)
    return found[:_MOST_NAMING]


def _committed(world: World, case: str) -> list[dict[str, Any]]:
    view = world.fr.call("view", case=case)
    commits = [step["payload"]["items"] for step in view["steps"] if step["act"] == "commit"]
    return list(commits[0]) if commits else []


def name_people(world: World) -> None:
    """Step 4, June: Morocco names its people, and so do others."""
    world.at("2024-06-24T10:00:00Z")
    people: list[Json] = [*people_of(world)]
    world.ma.say("leader", MA, "name", "head-of-delegation", {"persons_named": people})
    for state in naming(world):
        named: list[Json] = [*people_of(world, state)]
        say_as_partner(world, state, "name", {"persons_named": named})
    world.settle()


def clear_people(world: World) -> None:
    """Step 4, July: the host vets, accredits and briefs them."""
    states = ("MA", *naming(world))
    codes = {state: [row["person"] for row in people_of(world, state)] for state in states}
    world.at("2024-07-05T10:00:00Z")
    for state in states:
        case = case_of(f"reinforcement/{state.lower()}")
        world.fr.say_each(
            "approval", case, "vet", "security",
            [{"person": code, "result": "cleared"} for code in codes[state]],
        )  # fmt: skip
        world.fr.say_each(
            "approval", case, "accredit", "security",
            [
                {"person": code, "number_of_badge": f"B-{code}", "valid_until": "2024-09-15"}
                for code in codes[state]
            ],
        )  # fmt: skip
    world.settle()
    world.at("2024-07-19T10:00:00Z")
    for state in states:
        spoken = "fr" if state == "MA" else "en"
        briefed: dict[str, Json] = {
            "persons": list(codes[state]), "on": "2024-07-19", "language": spoken,
            "rule_card": "RC-1",
        }  # fmt: skip
        case = case_of(f"reinforcement/{state.lower()}")
        world.fr.say("liaison", case, "brief", "arrival-desk", briefed)
    world.settle()


def certificate_ends(world: World) -> None:
    """Step 4, during the Games: certificates end; no duty until new ones are shown."""
    world.at("2024-07-26T08:00:00Z")
    wanted: dict[str, Json] = {
        "plan": f"{EVENT}/plan",
        "plan_version": 0,
        "duties": [
            {
                "person": code, "from": "2024-07-27T09:00:00Z", "to": "2024-07-27T19:00:00Z",
                "place": "STE", "task": "eod",
            }
            for code in LAPSING
        ],
    }  # fmt: skip
    known = world.fr.call("said", case=MA)["acts"]
    if not any(act["act"] == "certify" for act in known):
        code = world.fr.refusal("planner", MA, "publish", "planner", wanted)
        world.note("certificate", code)
    for holder in LAPSING:
        world.ma.say(
            "leader", MA, "certify", "head-of-delegation",
            {"holder": holder, "certificate": "eod-2", "valid_until": "2025-07-28"},
        )  # fmt: skip
    world.settle()


def ma_items(world: World) -> list[Json]:
    """Return the items of the commitment: each offer in full."""
    return items_of(ma_offers(world))


def people_of(world: World, state: str = "MA") -> list[dict[str, Any]]:
    """Return the synthetic people whom a state names."""
    if state == "MA":
        wanted: list[Any] = [item for item in ma_items(world) if _is_named(item)]
    else:
        items = _committed(world, case_of(f"reinforcement/{state.lower()}"))
        wanted = [item for item in items if item["capability"] == _DOGS][:1]
    found = []
    for item in wanted:
        size = capability(item["capability"]).unit_people
        crews = max(1, min(item["people"] * world.people // 100, _MOST_NAMED) // size)
        n_people = min(crews * size, item["people"])
        found += [_person(state, item, number) for number in range(1, n_people + 1)]
    return found


def _is_named(item: Any) -> bool:  # Any: JSON
    return item["capability"] in NAMED


def _person(state: str, item: dict[str, Any], number: int) -> dict[str, Any]:
    code = f"{state}-{item['item']}-{number:02d}"
    words = [("ar", "native"), ("fr", "C1")] if state == "MA" else [("en", "C1")]
    person = {
        "person": code, "item": item["item"],
        "family_name": f"Exemple {_letters(number)}", "given_name": "Personne", "rank": "officer",
        "service_number": f"S-{code}", "nationality": state,
        "birth_date": f"{1975 + number % 20}-0{1 + number % 9}-15",
        "passport": f"P-{code}", "role": item["capability"],
        "languages": [
            {"language": word, "level_of_language": level} for word, level in words
        ],
        "from": item["from"], "to": item["to"],
    }  # fmt: skip
    until = "2024-07-25" if code in LAPSING else "2025-06-30"
    if item.get("certificates"):
        person["certificates"] = [
            {"certificate": name, "valid_until": until} for name in item["certificates"]
        ]
    return person


def _letters(number: int) -> str:
    """Write a number in two capital letters: a name holds no digits."""
    return chr(65 + number // 26) + chr(65 + number % 26)


def _standing(world: World, case: str) -> list[str]:
    if not world.fr.call("state", case=case):
        return []  # it was not asked: it is known to have nothing that is missing
    view = world.fr.call("view", case=case)
    offers = [
        offer["offer"]
        for step in view["steps"]
        if step["act"] == "offer"
        for offer in step["payload"]["offers"]
    ]
    done = any(step["act"] == "accept" for step in view["steps"])
    return [] if done or view["state"] != "offered" else offers


def _commit_with(world: World, state: str) -> None:
    case = case_of(f"reinforcement/{state.lower()}")
    if not world.fr.call("state", case=case):
        return
    view = world.fr.call("view", case=case)
    taken = {
        code
        for step in view["steps"]
        if step["act"] == "accept"
        for code in step["payload"]["accepted_offers"]
    }
    items = items_of(
        [
            offer
            for step in view["steps"]
            if step["act"] == "offer"
            for offer in step["payload"]["offers"]
            if offer["offer"] in taken
        ]
    )
    if not items:
        return
    signed: dict[str, Json] = {"commitment": "C1", "level": "technical", "items": items}
    world.fr.say("directorate", case, "commit", "directorate", signed)
    say_as_partner(world, state, "commit", signed)


def items_of(offers: Sequence[dict[str, Any]]) -> list[Json]:
    """Return the items of a commitment that takes offers in full."""
    found: list[Json] = []
    for number, offer in enumerate(offers, start=1):
        item: dict[str, Json] = {"item": f"I{number}", **{name: offer[name] for name in _NAMES}}
        item |= {name: offer[name] for name in ("animals", "certificates") if name in offer}
        found.append(item)
    return found


def _text_case(state: str) -> str:
    return case_of(f"arrangement/{state.lower()}")


def _text_hash(state: str) -> str:
    return hashlib.sha256(
        f"Arrangement on the reinforcement of the Games, {state}".encode()
    ).hexdigest()


def _arrangement(state: str) -> dict[str, Json]:
    """Return the text proposed: thirteen items and what goes with them."""
    return {
        "item_01_authorities": [
            "Ministry of the Interior, France", f"Ministry of the Interior, {state}",
        ],
        "item_02_purpose": "Reinforcement of the Games of 2024 by officers of the partner.",
        "item_03_host_state": "FR",
        "item_04_area": ["Sites of the Games"],
        "item_05_from": "2024-07-15",
        "item_05_to": "2024-08-15",
        "item_06_assistance": "As the commitment says, beside host officers.",
        "item_07_participants": "As named on the roll.",
        "item_08_officer_in_charge": "Head of delegation",
        "item_09_powers": "None of their own; host officers act.",
        "item_10_weapons_equipment": "No weapons; equipment of the sender.",
        "item_11_logistics": {"lodging": "by the host", "meals": "by the host"},
        "item_12_costs": "Pay by the sender; lodging, meals and transport by the host.",
        "item_13_other": "None.",
        "command": "host",
        "jurisdiction": "Law of the host; discipline of the sender.",
        "liability": "As between the states' agreements.",
        "medical": "As for host officers.",
        "data_protection": "Names on the roll are deleted 90 days after the end.",
        "disputes": "Between the two directorates.",
        "duration": "Until 15 August 2024",
        "amendment": "Co-signed in writing.",
        "working_time_rule": "ma" if state == "MA" else "host",
        "rest_rule": "more-protective",
        "escort_required": True,
        "text_hash": _text_hash(state),
        "languages": ["fr", "ar"] if state == "MA" else ["fr", "en"],
    }  # fmt: skip
