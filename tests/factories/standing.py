"""Fields of commitments, meetings and statistics releases, and whole dossiers of them."""

from __future__ import annotations

from typing import Any

from tests.factories.dossiers import Talk, procedure

WORDING = {
    "fr": "Délivrer les laissez-passer en temps utile.",
    "en": "Issue consular passes in useful time.",
    "ar": "إصدار جوازات المرور القنصلية في الوقت المناسب.",
}
CHARTER = {
    "group_name": "Permanent mixed migration group", "quorum": 4,
    "working_languages": ["fr", "ar"], "dispute_step": "ministers", "period_days": 180,
}  # fmt: skip


def proposal(**changes: Any) -> dict[str, Any]:
    """Build the fields of a proposal."""
    fields = {
        "origin": {
            "origin_text": "Joint declaration", "origin_date": "2024-04-22", "paragraph": "4",
        },
        "pillar": "Migration",
        "objective": "Consular passes",
        "action_text": WORDING,
        "sector": "migration",
    }  # fmt: skip
    return fields | changes


def agreement(**changes: Any) -> dict[str, Any]:
    """Build the fields of an agreement."""
    sheet = {
        "indicator_name": "I1", "baseline": 37, "target": 60, "indicator_unit": "%",
        "indicator_source": "statistics release",
    }  # fmt: skip
    fields = {
        "action_text": WORDING,
        "lead_first": "Directorate of foreigners",
        "lead_second": "Consular directorate",
        "contributors": ["Prefectures"],
        "due_on": "2024-12-31",
        "indicator": sheet,
        "publicity_class": "public",
    }
    return fields | changes


def agreed(**changes: Any) -> Talk:
    """Return a commitment that both have agreed and begun."""
    talk = Talk(procedure("commitment"))
    talk.say("propose", **proposal())
    talk.sign("agree", **agreement(**changes))
    talk.say("start")
    return talk


def contested() -> Talk:
    """Return a commitment of which one side claims delivery and the other says no."""
    talk = agreed()
    talk.say("report", side_="first", own_status="late", phase="working", actual=41)
    talk.say("claim", side_="second", evidence_link="register entry 7")
    talk.say("contest", side_="first", own_status="not-done", reason="41 % in useful time, not 60.")
    return talk


def called(**changes: Any) -> Talk:
    """Return a meeting that is called with an agreed agenda."""
    talk = Talk(procedure("meeting"))
    talk.say(
        "call", charter=CHARTER | changes, starts_at="2024-05-10T09:00:00Z", place="Rabat",
        items_proposed=["Consular passes"],
    )  # fmt: skip
    talk.sign("agree-agenda", agenda=["Consular passes", "Visas"])
    return talk


def adopted(**changes: Any) -> Talk:
    """Return a meeting whose minutes both have adopted."""
    talk = called(**changes)
    talk.say("hold", on="2024-05-10", present_first=4, present_second=3)
    decisions = [
        {"decision": "D1", "text": "Meet every six months.", "due_on": "2024-11-10"},
        {"decision": "D2", "text": "Issue passes in useful time."},
    ]
    talk.say("draft-minutes", minutes_hash="a" * 64, decisions=decisions, languages=["fr"])
    talk.say("exchange", minutes_hash="a" * 64)
    talk.sign("adopt", minutes_hash="a" * 64)
    return talk
