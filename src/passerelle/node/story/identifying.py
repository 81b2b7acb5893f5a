"""Step 8: two files on synthetic persons, one held and later recognised, one with protection claimed.

What the partner sees of both is the same neutral pause.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import digest
from passerelle.node.story.cases import case_of
from passerelle.procedures.definition import Period, Start
from passerelle.procedures.profile import (
    ASSURANCES,
    Instrument,
    Profile,
    Reply,
    Silence,
    TransferBasis,
)
from passerelle.procedures.profile_document import write_profile

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.speaker import Speaker
    from passerelle.node.story.world import World

__all__ = ["PROTECTED", "RECOGNISED", "identify", "resume"]

RECOGNISED: Final = case_of("identification/recognised")
PROTECTED: Final = case_of("identification/protected")
_FILES: Final = ((RECOGNISED, "1"), (PROTECTED, "2"))
_BASIS: Final = "adequate safeguards 2024"
_GATES: Final = ("S1", "S4", "S5", "S6", "S7", "S8", "S9", "S10")
_ROLES: Final = {
    "case-officer": "case-officer",
    "safeguard": "safeguard-officer",
    "approval": "approver",
    "counsel": "counsel",
    "consulate": "consulate",
}
"""Role of the procedure in which each account speaks here."""
_OFFICIALS: Final = {
    "fr": ("case-officer", "safeguard", "approval", "counsel", "court", "demo"),
    "ma": ("consulate", "demo"),
}


def identify(world: World) -> None:
    """Step 8, July: both files are reviewed and sent; a safeguard holds one, protection the other."""
    world.at("2024-07-02T09:00:00Z")
    for node in (world.fr, world.ma):
        node.call("profile", document=_profile())
    for case, number in _FILES:
        world.fr.open(
            "identification/prepare", "case-officer", _opening(number),
            by="case-officer", to="ma", case=case,
        )  # fmt: skip
        world.fr.call("designate", case=case, officials=list(_OFFICIALS["fr"]))
        _say(world.fr, "case-officer", case, "submit", {})
        review: dict[str, Json] = {"gates": _gates("2024-07-02", f"first review, file {number}")}
        _say(world.fr, "safeguard", case, "review", review)
        _say(world.fr, "approval", case, "send", _sending(number))
    world.settle()
    for case, number in _FILES:
        world.ma.call("designate", case=case, officials=list(_OFFICIALS["ma"]))
        receipt: dict[str, Json] = {
            "receipt_hash": digest(_envelope(number)), "receiving_official": "Consul 3",
        }  # fmt: skip
        _say(world.ma, "consulate", case, "confirm-receipt", receipt)
        _say(world.ma, "consulate", case, "start-verification", {})
    world.settle()
    world.at("2024-07-03T09:00:00Z")
    held: dict[str, Json] = {"reason_code": "illness"}
    _say(world.fr, "safeguard", RECOGNISED, "hold", held)
    _say(world.fr, "counsel", PROTECTED, "state-fear", {"way": "paper-scan"})
    world.settle()
    for name, case in (("pause-1", RECOGNISED), ("pause-2", PROTECTED)):
        last = world.ma.call("heard", case=case, by="consulate")[-1]
        world.note(name, f"{last['act']} {last['person']} {last['payload']}")


def resume(world: World) -> None:
    """Step 8, a day later: the safeguard is lifted after a new review, and the person recognised."""
    world.at("2024-07-04T09:00:00Z")
    reviewed: dict[str, Json] = {"reason": "The medical opinion is there."}
    _say(world.fr, "safeguard", RECOGNISED, "lift", reviewed)
    again: dict[str, Json] = {"gates": _gates("2024-07-04", "second review, after the illness")}
    _say(world.fr, "safeguard", RECOGNISED, "review-again", again)
    _say(world.fr, "approval", RECOGNISED, "resume", {})
    world.settle()
    found: dict[str, Json] = {
        "official": "Consul 3", "authority": "Consulate", "basis": ["A1"],
        "legal_basis": "Article 2", "reasons_code": "registry-entry",
    }  # fmt: skip
    _say(world.ma, "consulate", RECOGNISED, "recognise", found)
    world.settle()


def _say(node: Speaker, by: str, case: str, act: str, payload: dict[str, Json]) -> None:
    """Say an act in a file, unless its official has said just that."""
    known = {(one["act"], digest(one["payload"])) for one in node.call("heard", case=case, by=by)}
    if (act, digest(payload)) not in known:
        node.say_once(by, case, act, _ROLES[by], payload)


def _opening(number: str) -> dict[str, Json]:
    return {
        "person": f"SYN-person-{number}",
        "decision_reference": f"SYN-D-{number}",
        "decision_authority": "Prefecture",
        "decided_on": "2024-05-02",
        "enforceable_on": "2024-06-03",
        "remedies_used": ["appeal-rejected"],
        "evidence": ["A1"],
        "born_on": "1990-01-01",
        "age_in_doubt": False,
    }


def _gates(on: str, words: str) -> list[Json]:
    return [
        {
            "gate": code, "verdict": "green", "official": "Safeguard officer 7", "on": on,
            "reasons": f"Gate {code} was examined on the papers of this very file: {words}.",
        }
        for code in _GATES
    ]  # fmt: skip


def _envelope(number: str) -> dict[str, Json]:
    return {
        "reference": f"SYN-R-{number}",
        "corridor": "fr-ma",
        "names": "Exemple Personne",
        "sex_in_documents": "M",
        "birth_date": "1990-01-01",
        "birth_place": "Ville Exemple",
        "nationality_claimed": "MA",
        "documents": [{"document_code": "A1", "number_of_document": f"SYN12{number}"}],
        "wishes_interview": False,
        "notice_language": "ar",
        "lawyer_named": True,
    }


def _sending(number: str) -> dict[str, Json]:
    sent = _envelope(number)
    return {
        "envelope": sent,
        "transfer_basis": _BASIS,
        "notice": {
            "delivered_at": "2024-07-02T08:00:00Z",
            "language": "ar",
            "payload_hash": digest(sent),
            "remedy_body": "Administrative court",
            "remedy_until": "2024-08-01",
            "copy_to_counsel": True,
        },
    }


def _profile() -> dict[str, Any]:
    """Return what the corridor of the story agrees beside the preset; every name is invented."""
    end = date(2025, 12, 31)
    return dict(
        write_profile(
            Profile(
                instrument=Instrument("Agreement of the exercise", "Articles 1 to 9", True),
                authorities={"reply": "central authority"},
                reply=Reply(
                    Period.parse("14 working"), Start.RECEIPT, None, Period.parse("19 working")
                ),
                silence=Silence.PERSON_DEEMED,
                silence_article="Article 4",
                document_issue=Period.parse("3 working"),
                document_validity=Period.parse("30 calendar"),
                transfer_basis=TransferBasis(_BASIS, end),
                assurances=frozenset(ASSURANCES),
                dpia="dpia-1",
                fria="fria-1",
                opinion="opinion-1",
                review_by=end,
                retention=Period.parse("365 calendar"),
            )
        )
    )
