"""Random histories of a file of identification over all roles of both sides.

Whatever is tried, by administrators too: no message while a bar stands, every pause the same bytes, what the
partner sees equal to the fold of what it was sent, no outcome by a clock. At the end the acts are written as a
node keeps them, what left into the log between the states and the rest into the national log; folded again in
any order they give the same file on our side, and on the partner's what it saw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.factories.files import (
    decision,
    file,
    gates,
    in_verification,
    ready,
    recognised,
    sending,
    sent,
)

from passerelle.kernel.canonical import canonical_bytes
from passerelle.procedures.casework.facts import standing_bars
from passerelle.procedures.deadlines import due
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import apply, fold, open_dossier
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import shared_view, shown_state, to_shared

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from tests.factories.dossiers import Talk

    from passerelle.procedures.values import Act

DEFINITION = definition("identification")
NEUTRAL = {"pause", "request-deletion", "close", "erase"}
PAUSE = (b"{}", "pause", "case-officer", "", ())


@dataclass
class Tally:
    """What the histories came to."""

    acts: int = 0
    taken: int = 0
    sent: int = 0
    pauses: int = 0
    barred_steps: int = 0
    by_administrators: int = 0
    in_national_log: int = 0


@cache
def _lead(number: int) -> Talk:
    return (file, ready, sent, in_verification, recognised)[number]()


def run(rng: Random, n_steps: int, tally: Tally) -> None:
    """Run one history; raise AssertionError when a rule is broken."""
    lead = _lead(rng.randrange(5))
    talk = type(lead)(lead.procedure, start=lead.now)
    talk.dossier, talk.acts = lead.now_dossier, list(lead.acts)
    view = _view_of(lead)
    rules = list(DEFINITION.acts.values())
    for _ in range(n_steps):
        rule = rng.choice(rules)
        if rng.random() < 0.05:
            _try_as_administrator(rng, talk, rule.name, tally)
            continue
        role = rng.choice(rule.who if rng.random() < 0.8 else list(DEFINITION.roles))
        person = "" if DEFINITION.roles[role].is_timer else f"{role}-{rng.randrange(3)}"
        fields = _fields(rng, talk, rule.name)
        result = talk.try_(rule.name, role_=role, person_=person, **fields)
        tally.acts += 1
        talk.now += timedelta(hours=rng.choice((1, 5, 30, 200)))
        if not isinstance(result, Dossier) or len(result.steps) == len(talk.now_dossier.steps):
            continue
        bars = standing_bars(talk.now_dossier)
        before = len(talk.now_dossier.steps)
        talk.dossier = result
        talk.acts += [step.act for step in result.steps[before:]]
        tally.taken += 1
        tally.barred_steps += bool(bars)
        for step in result.steps[before:]:
            view = _check(step, bars, view, tally)
    if view is not None:
        assert view.state == shown_state(DEFINITION, talk.state)
        assert _reply(view, talk.now) == _reply(talk.now_dossier, talk.now)
    _check_logs(rng, talk, view, tally)


def _try_as_administrator(rng: Random, talk: Talk, name: str, tally: Tally) -> None:
    """Try an act as somebody who runs the machine, or in the name of the other side."""
    fields = _fields(rng, talk, name)
    result = talk.try_(name, role_="operator", side_="requesting", person_="root", **fields)
    assert not isinstance(result, Dossier), name
    tally.acts += 1
    tally.by_administrators += 1


def _check_logs(rng: Random, talk: Talk, view: Dossier | None, tally: Tally) -> None:
    """Fold the acts again from the logs in which a node keeps them, shuffled."""
    own: list[Act] = []
    shared: list[Act] = []
    theirs: list[Act] = []
    for step in talk.now_dossier.steps:
        act = step.act
        if act.side != "requesting":
            theirs.append(replace(act, index=len(theirs), sub=0, seen=len(shared)))
            continue
        seen, out = len(theirs), to_shared(DEFINITION, step)
        if out is None:
            place = {"index": len(shared) - 1, "sub": len(own) + 1}
            own.append(replace(act, received=None, seen=seen, **place))
            tally.in_national_log += 1
        else:
            own.append(replace(act, index=len(shared), sub=0, seen=seen))
            shared.append(replace(out, index=len(shared), sub=0, seen=seen))
    everything = [*own, *theirs]
    rng.shuffle(everything)
    again = fold("case", talk.procedure, everything)
    assert isinstance(again, Dossier), again
    assert [one.act.id for one in again.steps] == [one.act.id for one in talk.now_dossier.steps]
    assert (again.state, again.refused) == (talk.state, ())
    if view is not None:
        seen_acts = [*shared, *theirs]
        rng.shuffle(seen_acts)
        other = fold("case", view.procedure, seen_acts)
        assert isinstance(other, Dossier), other
        assert other.state == view.state == shown_state(DEFINITION, again.state)


def _reply(dossier: Dossier, now: datetime) -> tuple[Any, ...]:
    """Return the clock of the reply as this side computes it."""
    found = (one for one in due(dossier, now) if one.name == "reply")
    return tuple((one.start, one.due, one.status, one.ended) for one in found)


def _check(step: Any, bars: frozenset[str], view: Dossier | None, tally: Tally) -> Dossier | None:
    role = DEFINITION.roles[step.act.role]
    if DEFINITION.states[step.after].is_outcome and step.before != step.after:
        assert not role.is_timer
        assert step.act.person
    act = to_shared(DEFINITION, step)
    if act is None:
        return view
    tally.sent += 1
    stopping = {"protection", "court-order", "minor", "refugee", "stateless"}
    if act.side == "requesting" and bars & stopping:
        assert act.name in NEUTRAL, (act.name, bars)
    if act.name == "pause":
        tally.pauses += 1
        found = (canonical_bytes(dict(act.payload)), act.name, act.role, act.person, act.re)
        assert found == PAUSE
    return _told(view, act)


def _told(view: Dossier | None, act: Act) -> Dossier:
    lead = _lead(0)
    if view is None:
        bound = replace(lead.procedure, definition=shared_view(DEFINITION), rules=())
        result = open_dossier("case", bound, act)
    else:
        result = apply(view, act)
    assert isinstance(result, Dossier), (act.name, result)
    return result


def _view_of(talk: Talk) -> Dossier | None:
    view: Dossier | None = None
    for step in talk.now_dossier.steps:
        act = to_shared(DEFINITION, step)
        view = view if act is None else _told(view, act)
    return view


def _fields(rng: Random, talk: Talk, name: str) -> dict[str, Any]:
    if name in {"send", "send-again"}:
        return sending(talk)
    return fields_of(rng, talk.now, name)


def fields_of(rng: Random, now: datetime, name: str) -> dict[str, Any]:
    """Make fields for an act, fitting as a rule."""
    today = now.date()
    made: dict[str, Any] = {
        "review": lambda: {"gates": gates(today)},
        "review-again": lambda: {"gates": gates(today)},
        "hold": lambda: {"reason_code": rng.choice(("ordinary", "appeal", "illness", "other"))},
        "raise-bar": lambda: {"bar": rng.choice(BARS), "on": today.isoformat()},
        "clear-bar": lambda: {
            "bar": rng.choice(BARS), "decision_reference": "SYN-1", "final": True,
        },
        "lift": lambda: {"reason": "reviewed"},
        "bar": lambda: {"legal_basis": "Article 33"},
        "withdraw": lambda: {"reason_code": "ordinary"},
        "state-fear": lambda: {"way": rng.choice(("button", "phone-note", "paper-scan"))},
        "confirm-receipt": lambda: {"receipt_hash": "b" * 64, "receiving_official": "Consul 3"},
        "return-incomplete": lambda: {"missing_item": ["names"]},
        "ask-info": lambda: {"question_code": "spelling"},
        "answer-info": lambda: {
            "question_code": "spelling",
            "correction": {"corrected_field": "names", "corrected_name": "Exemple"},
        },
        "propose-interview": lambda: {"interview_case": "case-9"},
        "record-interview": lambda: {
            "record_hash": "c" * 64, "signed_by_visitor": "a", "signed_by_host": "b",
            "copy_to_counsel": True,
        },
        "recognise": lambda: {"basis": [rng.choice(("A1", "B1"))], **decision()},
        "not-recognise": lambda: decision(reasons_code="no-entry"),
        "find-inconclusive": lambda: decision(reasons_code="not-enough"),
        "suspect-other-nationality": lambda: decision(reasons_code="registry-of-other"),
        "reopen": lambda: {
            "document": {"document_code": "A2", "number_of_document": "SYN7"},
        },
        "note-deadline": lambda: {
            "clause_article": "Article 4",
            "cure_until": (today + timedelta(days=10)).isoformat(),
        },
        "declare-no-reply": lambda: {"cut_off": today.isoformat()},
        "certify-deletion": lambda: {"official": "Consul 3", "certificate_hash": "d" * 64},
        "rectify": lambda: {
            "correction": {"corrected_field": "names", "corrected_name": "Exemple"},
        },
        "record-release": lambda: {"on": today.isoformat()},
        "extend-retention": lambda: {"until": "2026-01-01", "reason": "court case"},
        "record-detention": lambda: {"started_on": today.isoformat()},
        "close": lambda: {"balance": "W"},
        "ask-onward": lambda: {"recipient": "Registry", "purpose_code": "registry"},
        "pass-on": lambda: {"recipient": "Registry"},
        "erase": lambda: {"key_destroyed": "e" * 64},
    }  # fmt: skip
    return made[name]() if name in made else {}


BARS = ("protection", "court-order", "minor", "refugee", "stateless", "illness")

__all__ = ["NEUTRAL", "Tally", "fields_of", "run"]
