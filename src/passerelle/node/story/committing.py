"""Steps 4 and 5: offers accepted, arrangement and commitment signed by both, people named, duties."""

from __future__ import annotations

import csv
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.times import format_instant
from passerelle.node.story.asking import EVENT, MA, ma_offers, say_as_partner
from passerelle.node.story.cases import case_of

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = [
    "accept", "certificate_ends", "clear_people", "duties", "items_of", "name_people", "people_of", "sign",
]  # fmt: skip

ARRANGEMENT: Final = case_of("arrangement/ma")
LAPSING: Final = "MA-I1-02"
"""The technician whose certificate ends during the Games."""
_TEXT_HASH: Final = hashlib.sha256(b"Arrangement on the reinforcement of the Games").hexdigest()


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
            "accepted_offers": ["O1", "O2", "O3"],
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
    items = ma_items(world)
    signed: dict[str, Json] = {"commitment": "C1", "level": "technical", "items": items}
    world.fr.say("directorate", MA, "commit", "directorate", signed)
    world.settle()
    world.ma.say("directorate", MA, "commit", "focal-point", signed)
    world.fr.open(
        "arrangement/propose", "directorate", _arrangement(),
        by="directorate", to="ma", case=ARRANGEMENT, event=EVENT,
    )  # fmt: skip
    world.settle()
    world.at("2024-06-10T10:00:00Z")
    agreed: dict[str, Json] = {"text_hash": _TEXT_HASH}
    world.fr.say("directorate", ARRANGEMENT, "agree", "directorate", agreed)
    world.settle()
    world.ma.say("directorate", ARRANGEMENT, "agree", "focal-point", agreed)
    world.settle()
    world.at("2024-06-20T10:00:00Z")
    signature: dict[str, Json] = {"text_hash": _TEXT_HASH, "in_force_from": "2024-07-01"}
    bound: dict[str, Json] = {
        "arrangement": ARRANGEMENT, "text_hash": _TEXT_HASH, "signed_on": "2024-06-20",
    }  # fmt: skip
    world.fr.say("approval", ARRANGEMENT, "sign", "signatory", signature)
    world.fr.say("directorate", MA, "bind", "directorate", bound)
    world.settle()
    world.ma.say("approval", ARRANGEMENT, "sign", "signatory", signature)
    world.ma.say("directorate", MA, "bind", "focal-point", bound)
    world.settle()


def name_people(world: World) -> None:
    """Step 4, June: Morocco names its people."""
    world.at("2024-06-24T10:00:00Z")
    people = people_of(world)
    world.ma.say("leader", MA, "name", "head-of-delegation", {"persons_named": list(people)})
    world.settle()


def clear_people(world: World) -> None:
    """Step 4, July: the host vets, accredits and briefs them."""
    world.at("2024-07-05T10:00:00Z")
    people = people_of(world)
    codes = [row["person"] for row in people]
    world.fr.say_each(
        "approval", MA, "vet", "security",
        [{"person": code, "result": "cleared"} for code in codes],
    )  # fmt: skip
    world.fr.say_each(
        "approval", MA, "accredit", "security",
        [
            {"person": code, "number_of_badge": f"B-{code}", "valid_until": "2024-09-15"}
            for code in codes
        ],
    )  # fmt: skip
    world.settle()
    world.at("2024-07-19T10:00:00Z")
    briefed: dict[str, Json] = {
        "persons": [row["person"] for row in people], "on": "2024-07-19", "language": "fr",
        "rule_card": "RC-1",
    }  # fmt: skip
    world.fr.say("liaison", MA, "brief", "arrival-desk", briefed)
    world.settle()


def duties(world: World) -> None:
    """Step 5, July: duties at the matches of Morocco's team, published and acknowledged."""
    world.at("2024-07-21T10:00:00Z")
    rows = [row for row in _duties(world) if row["from"] < "2024-07-26"]
    published: dict[str, Json] = {"plan": case_of("plan"), "plan_version": 1, "duties": list(rows)}
    world.fr.say("planner", MA, "publish", "planner", published)
    world.settle()
    world.ma.say("leader", MA, "acknowledge-duties", "head-of-delegation", {})
    world.settle()


def certificate_ends(world: World) -> None:
    """Step 4, during the Games: a certificate ends; no duty until a new one is shown."""
    world.at("2024-07-26T08:00:00Z")
    late = [row for row in _duties(world) if row["from"] >= "2024-07-26"]
    mine = [row for row in late if row["person"] == LAPSING]
    known = world.fr.call("said", case=MA)["acts"]
    if mine and not any(act["act"] == "certify" for act in known):
        code = world.fr.refusal(
            "planner", MA, "publish", "planner",
            {"plan": case_of("plan"), "plan_version": 2, "duties": list(late)},
        )  # fmt: skip
        world.note("certificate", code)
    world.ma.say(
        "leader", MA, "certify", "head-of-delegation",
        {"holder": LAPSING, "certificate": "eod-2", "valid_until": "2025-07-28"},
    )  # fmt: skip
    world.settle()
    published: dict[str, Json] = {"plan": case_of("plan"), "plan_version": 2, "duties": list(late)}
    world.fr.say("planner", MA, "publish", "planner", published)
    world.settle()
    world.ma.say("leader", MA, "acknowledge-duties", "head-of-delegation", {}, nth=2)
    world.settle()


def ma_items(world: World) -> list[Json]:
    """Return the items of the commitment: each offer in full."""
    found: list[Json] = []
    offers: Any = ma_offers(world)
    for number, offer in enumerate(offers, start=1):
        names = ("offer", "capability", "posts", "present", "people", "places", "from", "to")
        item: dict[str, Json] = {"item": f"I{number}", **{name: offer[name] for name in names}}
        if offer["capability"] == "eod":
            item["certificates"] = ["eod-2"]
        found.append(item)
    return found


def people_of(world: World) -> list[dict[str, Any]]:
    """Return the synthetic people of Morocco's contingent."""
    found = []
    items: Any = ma_items(world)
    for item in items:
        n_people = max(2, item["people"] * world.people // 100)
        for number in range(1, n_people + 1):
            code = f"MA-{item['item']}-{number:02d}"
            person = {
                "person": code, "item": item["item"],
                "family_name": f"Exemple {_letters(number)}", "given_name": "Personne", "rank": "officer",
                "service_number": f"S-{code}", "nationality": "MA",
                "birth_date": f"{1975 + number % 20}-0{1 + number % 9}-15",
                "passport": f"P-{code}", "role": item["capability"],
                "languages": [
                    {"language": "ar", "level_of_language": "native"},
                    {"language": "fr", "level_of_language": "C1"},
                ],
                "from": item["from"], "to": item["to"],
            }  # fmt: skip
            if item["capability"] == "eod":
                until = "2024-07-25" if code == LAPSING else "2025-06-30"
                person["certificates"] = [{"certificate": "eod-2", "valid_until": until}]
            found.append(person)
    return found


def _letters(number: int) -> str:
    """Write a number in two capital letters: a name holds no digits."""
    return chr(65 + number // 26) + chr(65 + number % 26)


def _duties(world: World) -> list[dict[str, Any]]:
    """Return duties of the people at the matches of their team, six hours before to two after."""
    found = []
    people = people_of(world)
    items: Any = ma_items(world)
    for start, place in _matches(world):
        for item in items:
            if place not in item["places"]:
                continue
            begin, end = start - timedelta(hours=6), start + timedelta(hours=4)
            if not item["from"] <= format_instant(begin) <= format_instant(end) <= item["to"]:
                continue
            found += [
                {
                    "person": row["person"], "from": format_instant(begin),
                    "to": format_instant(end), "place": place, "task": item["capability"],
                }
                for row in people
                if row["item"] == item["item"]
            ]  # fmt: skip
    return found


def _matches(world: World) -> list[tuple[datetime, str]]:
    with (world.example / "sessions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (datetime.fromisoformat(row["start"]), row["venue_id"])
        for row in rows
        if row["sport"] == "Football" and "MAR" in row["teams"].split("-")
    ]


def _standing(world: World, case: str) -> list[str]:
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


def items_of(offers: list[dict[str, Any]]) -> list[Json]:
    """Return the items of a commitment that takes offers in full."""
    names = ("offer", "capability", "posts", "present", "people", "places", "from", "to")
    return [
        {"item": f"I{number}", **{name: offer[name] for name in names}}
        for number, offer in enumerate(offers, start=1)
    ]


def _arrangement() -> dict[str, Json]:
    """Return the text proposed: thirteen items and what goes with them."""
    return {
        "item_01_authorities": ["Ministry of the Interior, France", "Ministry of the Interior, Morocco"],
        "item_02_purpose": "Reinforcement of the Games of 2024 by officers of the partner.",
        "item_03_host_state": "FR",
        "item_04_area": ["Sites of the Games"],
        "item_05_from": "2024-07-15",
        "item_05_to": "2024-08-15",
        "item_06_assistance": "Bomb disposal, patrols beside host officers, analysis.",
        "item_07_participants": "As named on the roll.",
        "item_08_officer_in_charge": "Head of delegation",
        "item_09_powers": "None of their own; host officers act.",
        "item_10_weapons_equipment": "No weapons; bomb-disposal equipment of the sender.",
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
        "working_time_rule": "ma",
        "rest_rule": "more-protective",
        "escort_required": True,
        "text_hash": _TEXT_HASH,
        "languages": ["fr", "ar"],
    }  # fmt: skip
