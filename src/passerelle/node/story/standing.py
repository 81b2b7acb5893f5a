"""Step 9: the mixed group meets again after two years; a commitment that one side contests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from passerelle.node.story.cases import case_of

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = ["adopt", "contest", "meet"]

GROUP: Final = "Permanent mixed group on migration"
MEETING: Final = case_of("meeting/mixed-group")
PROMISE: Final = case_of("register/passes")
_MINUTES: Final = hashlib.sha256(b"Minutes of the mixed group, 22 April 2024").hexdigest()
_AGENDA: Final[list[Any]] = ["Consular passes: number and time", "Visas", "Next meeting"]


def meet(world: World) -> None:
    """Step 9, April: the group is called and sits, for the first time in two years."""
    world.at("2024-04-08T09:00:00Z")
    call: dict[str, Json] = {
        "charter": {
            "group_name": GROUP, "quorum": 4,
            "working_languages": ["fr", "ar"], "dispute_step": "The two directors", "period_days": 182,
            "last_adopted": "2022-04-15",
        },
        "starts_at": "2024-04-22T09:00:00Z", "place": "Rabat", "items_proposed": _AGENDA,
    }  # fmt: skip
    world.fr.open("meeting/call", "secretary", call, by="secretary", to="ma", case=MEETING)
    world.settle()
    _note_dormancy(world, "called")
    agenda: dict[str, Json] = {"agenda": _AGENDA}
    world.fr.say("directorate", MEETING, "agree-agenda", "co-chair", agenda)
    world.settle()
    world.ma.say("directorate", MEETING, "agree-agenda", "co-chair", agenda)
    world.settle()
    world.at("2024-04-22T11:00:00Z")
    sat: dict[str, Json] = {"on": "2024-04-22", "present_first": 3, "present_second": 3}
    world.fr.say("secretary", MEETING, "hold", "secretary", sat)
    world.settle()


def adopt(world: World) -> None:
    """Step 9, May: the minutes are adopted by both, and the decision becomes a promise."""
    world.at("2024-05-07T09:00:00Z")
    minutes: dict[str, Json] = {
        "minutes_hash": _MINUTES, "languages": ["fr", "ar"],
        "decisions": [{"decision": "D1", "text": "Answer requests for passes within ten days."}],
    }  # fmt: skip
    world.fr.say("secretary", MEETING, "draft-minutes", "secretary", minutes)
    world.fr.say("secretary", MEETING, "exchange", "secretary", {"minutes_hash": _MINUTES})
    world.settle()
    world.fr.say("directorate", MEETING, "adopt", "co-chair", {"minutes_hash": _MINUTES})
    world.settle()
    world.ma.say("directorate", MEETING, "adopt", "co-chair", {"minutes_hash": _MINUTES})
    world.settle()
    _note_dormancy(world, "adopted")
    _promise(world)
    linked: dict[str, Json] = {"decision": "D1", "commitment_case": PROMISE}
    world.fr.say("secretary", MEETING, "link-decision", "secretary", linked)
    world.settle()


def _note_dormancy(world: World, when: str) -> None:
    """Remember what the indicator of the group shows on both nodes."""
    shown = [
        "dormant" if node.call("dormant", name=GROUP) else "awake" for node in (world.fr, world.ma)
    ]
    world.note(f"group-{when}", " ".join(shown))


def _promise(world: World) -> None:
    words = {
        "fr": "Répondre aux demandes de laissez-passer en dix jours.",
        "en": "Answer requests for passes within ten days.",
        "ar": "الجواب على طلبات جوازات المرور خلال عشرة أيام.",
    }
    proposal: dict[str, Json] = {
        "origin": {"origin_text": "Minutes of the mixed group", "origin_date": "2024-04-22"},
        "pillar": "Mobility", "objective": "Readmission with safeguards",
        "action_text": dict(words), "sector": "migration",
    }  # fmt: skip
    world.fr.open("commitment/propose", "lead", proposal, by="directorate", to="ma", case=PROMISE)
    world.settle()
    agreed: dict[str, Json] = {
        "action_text": dict(words), "lead_first": "Cooperation directorate",
        "lead_second": "Consular directorate", "due_on": "2024-07-01",
        "indicator": {
            "indicator_name": "Answers within ten days", "baseline": 0, "target": 80,
            "indicator_unit": "percent", "indicator_source": "Counting contract",
        },
        "publicity_class": "restricted",
    }  # fmt: skip
    world.fr.say("approval", PROMISE, "agree", "signatory", agreed)
    world.settle()
    world.ma.say("approval", PROMISE, "agree", "signatory", agreed)
    world.settle()
    world.ma.say("directorate", PROMISE, "start", "lead", {})
    world.settle()


def contest(world: World) -> None:
    """Step 9, July: one side says delivered, the other contests; both statuses stay side by side."""
    world.at("2024-07-01T09:00:00Z")
    claim: dict[str, Json] = {"evidence_link": "Monthly table of June"}
    world.ma.say("directorate", PROMISE, "claim", "lead", claim)
    world.settle()
    doubt: dict[str, Json] = {
        "own_status": "at-risk", "reason": "Half of the answers took longer than ten days.",
    }  # fmt: skip
    world.fr.say("directorate", PROMISE, "contest", "lead", doubt)
    world.settle()
