"""Steps 6 and 7: the crews arrive, one group late; information, consent and a cyber report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from passerelle.node.story.asking import EVENT, MA
from passerelle.node.story.cases import case_of
from passerelle.node.story.committing import ma_items, naming, people_of
from passerelle.node.story.rostering import repair

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.story.world import World

__all__ = ["FIT", "arrive", "inform", "rejoin", "report_cyber"]

FLASH: Final = case_of("information/flash")
ASSESSMENT: Final = case_of("information/assessment")
CYBER: Final = case_of("cyber/report")
_MARKS: Final[dict[str, Any]] = {"tlp": "AMBER", "police": "H2"}
_PLANNED: Final = "2024-07-22T08:00:00Z"
_LATE: Final = "analyst"
FIT: Final = "2024-07-24T22:00:00Z"
"""When the late group can be on its first duty."""


def arrive(world: World) -> None:
    """Step 6, 22 July: the crews arrive; the analysts will be a day late, and the plan is repaired.

    The plan is repaired on the evening before their first duties can begin: a duty that has begun is never
    taken away.
    """
    world.at("2024-07-22T16:00:00Z")
    punctual = [row["person"] for row in people_of(world) if row["role"] != _LATE]
    _record_arrivals(world, MA, punctual, _PLANNED)
    for state in naming(world):
        case = case_of(f"reinforcement/{state.lower()}")
        there = [row["person"] for row in people_of(world, state)]
        _record_arrivals(world, case, there, _PLANNED)
    world.settle()
    world.at("2024-07-22T18:00:00Z")
    items: Any = ma_items(world)
    late = next((item["item"] for item in items if item["capability"] == _LATE), "")
    group = world.fr.call("group_of", event=EVENT, case=MA, item=late)
    if group:
        repair(world, {"kind": "contingent-late", "contingent": group, "start": FIT})


def rejoin(world: World) -> None:
    """Step 6, 24 July: the analysts arrive, a day late."""
    world.at("2024-07-24T10:00:00Z")
    late = [row["person"] for row in people_of(world) if row["role"] == _LATE]
    _record_arrivals(world, MA, late, "2024-07-24T09:00:00Z")
    world.settle()


def _record_arrivals(world: World, case: str, people: list[str], at: str) -> None:
    world.fr.say_each(
        "liaison", case, "arrive", "arrival-desk",
        [{"person": person, "at": at, "place": "CDG"} for person in people],
    )  # fmt: skip


def inform(world: World) -> None:
    """Step 7: a FLASH request; an assessment that goes no further without consent."""
    world.at("2024-07-23T10:00:00Z")
    question: dict[str, Json] = {
        "purpose": "Protection of the match ARG–MAR on 24 July",
        "legal_ground": "Agreement on police cooperation, exchange for sporting events",
        "subject": "Movement of supporters",
        "questions": ["How many supporters travel to Saint-Étienne, by which means?"],
        "urgency": "FLASH",
        "urgency_reason": "The match is tomorrow.",
        "handling": _MARKS,
        "channel": "passerelle",
    }
    world.fr.open(
        "information/ask", "asker", question, by="liaison", to="ma", case=FLASH, event=EVENT
    )
    world.settle()
    world.at("2024-07-23T10:10:00Z")
    world.ma.say("liaison", FLASH, "acknowledge", "answerer", {})
    world.settle()
    world.at("2024-07-23T10:50:00Z")
    found: dict[str, Json] = {
        "text": "About 15,000, mostly by road and rail; 150 in a group that needs attention.",
        "source_evaluation": "A",
        "information_evaluation": "2",
        "handling": _MARKS,
        "onward": "consent",
    }
    world.ma.say("liaison", FLASH, "answer", "answerer", found)
    world.settle()
    used: dict[str, Json] = {"use": "used", "reason": "Trains and gates planned by it."}
    world.fr.say("liaison", FLASH, "disposition", "asker", used)
    world.settle()
    _assess(world)


def _assess(world: World) -> None:
    world.at("2024-07-24T08:00:00Z")
    assessment: dict[str, Json] = {
        "scope": "Matches of the team", "native_level": "vigilance", "level_1_to_5": 3,
        "hypotheses": ["Disorder after the match"], "valid_until": "2024-08-11T00:00:00Z",
        "assessment_version": 1, "source_evaluation": "B", "information_evaluation": "2",
        "handling": _MARKS, "onward": "none",
    }  # fmt: skip
    world.ma.open(
        "information/assess", "answerer", assessment,
        by="liaison", to="fr", case=ASSESSMENT, event=EVENT,
    )  # fmt: skip
    world.settle()
    source = world.fr.call("said", case=ASSESSMENT)["acts"][0]["id"]
    use: dict[str, Json] = {"source": source, "use": "police", "recipient": "Police of the city"}
    if not _was_said(world, ASSESSMENT, "ask-consent"):
        code = world.fr.refusal("liaison", ASSESSMENT, "pass-on", "originator", use)
        world.note("onward", code)
    reason: dict[str, Json] = {"reason": "They hold the streets around the stadium."}
    world.fr.say("liaison", ASSESSMENT, "ask-consent", "originator", {**use, **reason})
    world.settle()
    world.ma.say("liaison", ASSESSMENT, "consent", "originator", {"conditions_text": "Orally."})
    world.settle()
    world.fr.say("liaison", ASSESSMENT, "pass-on", "originator", use)
    world.settle()


def report_cyber(world: World) -> None:
    """Step 7, 27 July: a cyber report between the two centres; its technical part as STIX 2.1."""
    world.at("2024-07-27T08:00:00Z")
    report: dict[str, Json] = {
        "title": "Messages that imitate the accreditation desk",
        "cyber_type": "phishing",
        "severity": 3,
        "detected_at": "2024-07-27T06:30:00Z",
        "affected": ["Accreditation portal"],
        "urgency": "URGENT",
        "handling": _MARKS,
        "onward": "consent",
        "techniques": ["T1566.001"],
        "action": "Warn the officers on the roll; block the sender.",
    }
    world.ma.open(
        "cyber-report/report", "analyst", report, by="analyst", to="fr", case=CYBER, event=EVENT
    )
    world.settle()
    world.fr.say("analyst", CYBER, "acknowledge", "receiver", {})
    world.settle()
    path = world.folder / "cyber-report.stix.json"
    world.fr.call("stix", case=CYBER, path=str(path))
    world.note("stix", str(path))


def _was_said(world: World, case: str, act: str) -> bool:
    return any(one["act"] == act for one in world.fr.call("said", case=case)["acts"])
