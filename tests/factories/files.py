"""Build files on synthetic persons for tests. Every number begins with SYN; nobody is real."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.factories.dossiers import START, Talk, procedure

from passerelle.kernel.canonical import digest
from passerelle.procedures.definition import Period, Start
from passerelle.procedures.profile import (
    ASSURANCES,
    Corridor,
    Instrument,
    Profile,
    Reply,
    Silence,
    TransferBasis,
)
from passerelle.procedures.rulepacks import rule_packs

PROFILE = Profile(
    instrument=Instrument("Synthetic bilateral agreement", "Articles 1 to 9", True),
    authorities={"reply": "central authority"},
    reply=Reply(Period.parse("14 working"), Start.RECEIPT, None, Period.parse("19 working")),
    silence=Silence.PERSON_DEEMED,
    silence_article="Article 4",
    document_issue=Period.parse("3 working"),
    document_validity=Period.parse("30 calendar"),
    transfer_basis=TransferBasis("adequate safeguards 2024", date(2025, 12, 31)),
    assurances=frozenset(ASSURANCES),
    dpia="dpia-1",
    fria="fria-1",
    opinion="opinion-1",
    review_by=date(2025, 12, 31),
    retention=Period.parse("365 calendar"),
)
CORRIDOR = Corridor(
    "fr-ma", ("FR", "MA"), profile=PROFILE, active_from=datetime(2024, 1, 1, tzinfo=UTC)
)
GATES = ("S1", "S4", "S5", "S6", "S7", "S8", "S9", "S10")


def with_profile(**changes: Any) -> Corridor:
    """Return the corridor with another profile."""
    return replace(CORRIDOR, profile=replace(PROFILE, **changes))


def prepare(**changes: Any) -> dict[str, Any]:
    """Build the national opening fields of a file."""
    fields: dict[str, Any] = {
        "person": "SYN-person-1",
        "decision_reference": "SYN-D-1",
        "decision_authority": "Prefecture",
        "decided_on": "2024-03-01",
        "enforceable_on": "2024-04-01",
        "remedies_used": ["appeal-rejected"],
        "evidence": ["A1"],
        "born_on": "1990-01-01",
        "age_in_doubt": False,
    }
    return fields | changes


TODAY = START.date()


def gates(on: date = TODAY, **changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Build the answers to all gates, each with its own reasons."""
    return [
        {
            "gate": code,
            "verdict": "green",
            "official": "Safeguard officer 7",
            "on": on.isoformat(),
            "reasons": f"Gate {code} was examined on the papers of this very file.",
        }
        | changes.get(code, {})
        for code in GATES
    ]


def envelope(**changes: Any) -> dict[str, Any]:
    """Build an envelope on a synthetic person."""
    fields: dict[str, Any] = {
        "reference": "SYN-R-1",
        "corridor": "fr-ma",
        "names": "Exemple Personne",
        "sex_in_documents": "M",
        "birth_date": "1990-01-01",
        "birth_place": "Ville Exemple",
        "nationality_claimed": "MA",
        "documents": [{"document_code": "A1", "number_of_document": "SYN123"}],
        "wishes_interview": False,
        "notice_language": "ar",
        "lawyer_named": True,
    }
    return fields | changes


def sending(talk: Talk, sent: dict[str, Any] | None = None, **notice: Any) -> dict[str, Any]:
    """Build the fields of a sending with a notice that came first."""
    found = envelope() if sent is None else sent
    fields: dict[str, Any] = {
        "delivered_at": (talk.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "language": "ar",
        "payload_hash": digest(found),
        "remedy_body": "Administrative court",
        "remedy_until": "2024-06-01",
        "copy_to_counsel": True,
    }
    return {
        "envelope": found,
        "transfer_basis": "adequate safeguards 2024",
        "notice": fields | notice,
    }


def decision(**changes: Any) -> dict[str, Any]:
    """Build the fields of an outcome of the requested side."""
    fields: dict[str, Any] = {
        "official": "Consul 3",
        "authority": "Consulate",
        "legal_basis": "Article 2",
        "reasons_code": "registry-entry",
    }
    return fields | changes


def file(corridor: Corridor = CORRIDOR, **fields: Any) -> Talk:
    """Open a file of identification."""
    talk = Talk(procedure("identification", corridor, rule_packs("FR")))
    talk.say("prepare", **prepare(**fields))
    return talk


def ready(corridor: Corridor = CORRIDOR, **fields: Any) -> Talk:
    """Lead a file up to the review passed."""
    talk = file(corridor, **fields)
    talk.say("submit")
    talk.say("review", gates=gates())
    return talk


def sent(corridor: Corridor = CORRIDOR, **fields: Any) -> Talk:
    """Lead a file up to the sending."""
    talk = ready(corridor, **fields)
    talk.say("send", **sending(talk))
    return talk


def in_verification(corridor: Corridor = CORRIDOR, **fields: Any) -> Talk:
    """Lead a file up to the partner's verification."""
    talk = sent(corridor, **fields)
    talk.say("confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    talk.say("start-verification")
    return talk


def recognised(corridor: Corridor = CORRIDOR, **fields: Any) -> Talk:
    """Lead a file up to the recognition."""
    talk = in_verification(corridor, **fields)
    talk.say("recognise", basis=["A1"], **decision())
    return talk


def travel(talk: Talk) -> Talk:
    """Open a travel-document dossier beside a file and re-check it."""
    bound = replace(
        procedure("travel-document", CORRIDOR, rule_packs("FR")), related=(talk.now_dossier,)
    )
    document = Talk(bound, start=talk.now)
    document.say("open", identification="case")
    gate = gates(document.now.date())
    document.say("recheck", gates=[one for one in gate if one["gate"] == "S8"])
    return document


def requested_document() -> Talk:
    """Lead a travel-document dossier up to the request."""
    document = travel(recognised())
    document.say(
        "request-document", identification="case", transfer_basis="adequate safeguards 2024"
    )
    return document
