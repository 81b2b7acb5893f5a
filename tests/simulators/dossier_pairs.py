"""Two nodes talk about one dossier at random while deliveries are late, doubled and reordered.

Each node has its own log and holds a prefix of the other's. It says mostly what its own fold allows and
sometimes what it does not. Afterwards everything has arrived, and both must compute the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.factories.dossiers import (
    ENDING,
    OPENING,
    START,
    committed,
    item,
    line,
    offer,
    person,
    procedure,
    request,
)

from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.procedures.deadlines import due
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import allowed, fold
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.counts import count_dossier
from passerelle.procedures.reinforcement.offers import offers
from passerelle.procedures.reinforcement.roll import roll
from passerelle.procedures.reinforcement.sheets import as_of, count_sheet
from passerelle.procedures.values import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from passerelle.procedures.engine import Procedure

EVENT = Interval(parse_instant(OPENING), parse_instant(ENDING))
PLAN = {"plan": "plan-1", "plan_version": 1}


@dataclass
class Node:
    """One side: what it said, what it holds of the other, and its fold."""

    side: str
    log: list[Act] = field(default_factory=list)
    held: list[Act] = field(default_factory=list)
    dossier: Dossier | None = None


@dataclass(frozen=True)
class Outcome:
    """What a history came to."""

    acts: tuple[Act, ...]
    dossier: Dossier | None
    n_refused: int
    n_crossed: int


def run(rng: Random, n_steps: int) -> Outcome:
    """Run one history and check that both sides agree; return what it came to."""
    bound = procedure("reinforcement")
    nodes = {side: Node(side) for side in bound.definition.sides}
    now = START
    if rng.random() < 0.6:
        _lead(bound, nodes)
    for number in range(n_steps):
        now += timedelta(minutes=rng.choice((5, 60, 600, 3000)))
        node = nodes[rng.choice(bound.definition.sides)]
        other = nodes[bound.definition.other_side(node.side)]
        act = _say(rng, bound, node, now, number)
        if act is not None:
            node.log.append(act)
            _refold(bound, node)
        if rng.random() < 0.7:
            _deliver(rng, bound, other, node, now)
        if rng.random() < 0.7:
            _deliver(rng, bound, node, other, now)
    for node in nodes.values():
        other = nodes[bound.definition.other_side(node.side)]
        while len(node.held) < len(other.log):
            _deliver(rng, bound, node, other, now)
    return _compare(rng, bound, nodes, now)


def _lead(bound: Procedure, nodes: Mapping[str, Node]) -> None:
    """Begin with a dossier that was committed in good order, so that the roll is reached."""
    talk = committed()
    talk.say("name", persons_named=[person("P1"), person("P2")])
    for act in talk.acts:
        nodes[act.side].log.append(act)
        nodes[bound.definition.other_side(act.side)].held.append(act)
    for node in nodes.values():
        _refold(bound, node)


def _deliver(rng: Random, bound: Procedure, to: Node, source: Node, now: Any) -> None:
    """Deliver one or more next entries; the receipt fixes their time on both sides."""
    start, upto = len(to.held), len(source.log)
    for index in range(start, rng.randint(start, upto) if start < upto else start):
        source.log[index] = replace(source.log[index], received=now)
        to.held.append(source.log[index])
    if len(to.held) > start:
        _refold(bound, to)
        _refold(bound, source)


def _refold(bound: Procedure, node: Node) -> None:
    result = fold("case", bound, [*node.held, *node.log])
    node.dossier = result if isinstance(result, Dossier) else None


def _say(rng: Random, bound: Procedure, node: Node, now: Any, number: int) -> Act | None:
    definition = bound.definition
    roles = [role.name for role in definition.roles.values() if role.side == node.side]
    names = [name for name, rule in definition.acts.items() if set(rule.who) & set(roles)]
    if node.dossier is None:
        names = [name for name in names if definition.acts[name].opens]
    elif rng.random() < 0.9:
        names = [
            one.rule.name
            for role in roles
            for one in allowed(node.dossier, role, node.side, now)
            if one.is_allowed
        ]
    if not names:
        return None
    name = rng.choices(names, [_WEIGHTS.get(name, 1.0) for name in names])[0]
    rule = definition.acts[name]
    mine = [role for role in rule.who if role in roles]
    role = rng.choice(mine if mine and rng.random() < 0.95 else list(definition.roles))
    return Act(
        id=f"{node.side}-{number}",
        name=name,
        side=node.side,
        role=role,
        issued=now,
        payload=_payload(rng, name, node.dossier),
        person=role,
        re=_answers(node.dossier, rule.answers),
        origin=node.side,
        index=len(node.log),
        seen=len(node.held),
    )


def _answers(dossier: Dossier | None, names: tuple[str, ...]) -> tuple[str, ...]:
    found = dossier.last(*names) if dossier and names else None
    return () if found is None else (found.id,)


def _payload(rng: Random, name: str, dossier: Dossier | None) -> Mapping[str, Any]:
    if dossier is not None and name in dossier.signatures and rng.random() < 0.7:
        return dossier.signatures[name].act.payload
    make = _MAKERS.get(name)
    return {} if make is None else make(rng, dossier)


def _one(rng: Random, found: Mapping[str, Any], other: str) -> str:
    return rng.choice([*found]) if found and rng.random() < 0.9 else other


def _offer(rng: Random, dossier: Dossier | None) -> dict[str, Any]:
    until = START + timedelta(days=rng.choice((1, 5, 40)))
    row = offer(
        f"O{rng.randint(1, 3)}",
        valid_until=format_instant(until),
        answer=rng.choice(("full", "full", "partial", "unsolicited")),
    )
    if row["answer"] == "partial":
        row |= {"posts": 2, "present": 4, "people": rng.randint(4, 6)}
    if row["answer"] == "unsolicited":
        del row["line"]
    return {"offers": [row]}


def _commit(rng: Random, dossier: Dossier | None) -> dict[str, Any]:
    known = {} if dossier is None else offers(dossier)
    code = _one(rng, known, "O1")
    size = {"posts": 2, "present": 4, "people": rng.randint(4, 7)}
    row = item(f"I{rng.randint(1, 3)}", offer=code, **size)
    return {"commitment": "C1", "level": "technical", "items": [row]}


def _person(rng: Random, dossier: Dossier | None) -> str:
    return _one(rng, {} if dossier is None else roll(dossier), f"P{rng.randint(1, 6)}")


def _item(rng: Random, dossier: Dossier | None) -> str:
    return _one(rng, {} if dossier is None else items(dossier), "I1")


def _leave(rng: Random, dossier: Dossier | None) -> dict[str, Any]:
    return {
        "item": _item(rng, dossier),
        "people": rng.randint(1, 3),
        "from": f"2024-07-{rng.randint(24, 31)}T00:00:00Z",
        "reason": "calm",
    }


def _duties(rng: Random, dossier: Dossier | None) -> dict[str, Any]:
    day = rng.randint(24, 31)
    row = {"from": f"2024-07-{day}T06:00:00Z", "to": f"2024-07-{day}T18:00:00Z", "place": "STE"}
    return {"duties": [{"person": _person(rng, dossier), **row}]}


_WEIGHTS = {
    "withdraw": 0.05, "decline-all": 0.1, "announce": 0.2, "amend": 0.3, "close": 0.3, "bind": 0.5,
    "query": 0.3, "clarify": 0.3, "end": 0.1, "offer": 2, "accept": 3, "commit": 4, "name": 2,
    "vet": 2, "accredit": 2, "brief": 2,
}  # fmt: skip
_MAKERS: Mapping[str, Callable[[Random, Dossier | None], dict[str, Any]]] = {
    "announce": lambda r, d: {"text": "We join.", "on": "2024-04-22", "source_of_text": "press"},
    "request": lambda r, d: request(),
    "amend": lambda r, d: {"reason": "more", "lines": [line(people=r.choice((8, 10, 12)))]},
    "query": lambda r, d: {"questions": ["Lodging?"]},
    "clarify": lambda r, d: {"text": "Barracks."},
    "offer": _offer,
    "extend-offer": lambda r, d: {
        "offer": _one(r, {} if d is None else offers(d), "O1"),
        "valid_until": "2024-07-01T00:00:00Z",
    },
    "withdraw-offer": lambda r, d: {
        "offer": _one(r, {} if d is None else offers(d), "O1"), "reason": "x",
    },
    "refuse-offer": lambda r, d: {
        "offer": _one(r, {} if d is None else offers(d), "O1"), "reason": "x",
    },
    "decline": lambda r, d: {"declined_lines": ["L1"], "reason_code": "own-need"},
    "decline-all": lambda r, d: {"reason_code": "policy"},
    "accept": lambda r, d: {"accepted_offers": [_one(r, {} if d is None else offers(d), "O1")]},
    "bind": lambda r, d: {"arrangement": "c2", "text_hash": "a" * 64, "signed_on": "2024-05-20"},
    "commit": _commit,
    "extend": lambda r, d: {
        "item": _item(r, d), "to": f"2024-08-0{r.randint(3, 5)}T00:00:00Z", "reason": "more",
    },
    "release": _leave,
    "recall": _leave,
    "name": lambda r, d: {
        "persons_named": [person(f"P{r.randint(1, 6)}", item=_item(r, d))]
    },
    "replace": lambda r, d: {
        "person": _person(r, d), "substitute": person(f"P{r.randint(1, 9)}", item=_item(r, d)),
        "reason": "ill",
    },
    "strike": lambda r, d: {"person": _person(r, d), "reason": "ill"},
    "certify": lambda r, d: {
        "holder": _person(r, d), "certificate": "eod-2", "valid_until": "2024-07-28",
    },
    "book-travel": lambda r, d: {
        "persons": [_person(r, d)], "arrives_at": "2024-07-23T10:00:00Z", "place": "CDG",
    },
    "vet": lambda r, d: {"person": _person(r, d), "result": r.choice(("cleared", "refused"))},
    "accredit": lambda r, d: {
        "person": _person(r, d), "number_of_badge": "B1", "valid_until": "2024-09-01",
    },
    "confer-powers": lambda r, d: {
        "person": _person(r, d), "powers": ["patrol"], "valid_until": "2024-09-01",
    },
    "revoke": lambda r, d: {
        "person": _person(r, d),
        "clearance": r.choice(("vetting", "accreditation", "powers")),
        "reason": "By mistake",
    },
    "brief": lambda r, d: {
        "persons": [_person(r, d)], "on": "2024-07-20", "language": "fr", "rule_card": "RC",
    },
    "arrive": lambda r, d: {
        "person": _person(r, d), "at": "2024-07-23T12:00:00Z", "place": "STE",
    },
    "no-show": lambda r, d: {"person": _person(r, d), "at": "2024-07-24T12:00:00Z"},
    "set-status": lambda r, d: {
        "person": _person(r, d), "status": "resting", "at": "2024-07-25T12:00:00Z",
    },
    "take-duty": _duties,
    "publish": lambda r, d: {**_duties(r, d), **PLAN},
    "depart": lambda r, d: {"person": _person(r, d), "at": "2024-08-02T12:00:00Z"},
    "reimburse": lambda r, d: {"amount_eur": 1000, "reference": "R1"},
    "review": lambda r, d: {"facts": "f", "lesson": "l", "owner": "o", "due_on": "2024-12-01"},
    "review-partner": lambda r, d: {
        "facts": "f", "lesson": "l", "owner": "o", "due_on": "2024-12-01",
    },
    "withdraw": lambda r, d: {"reason": "x"},
}  # fmt: skip


def _compare(rng: Random, bound: Procedure, nodes: Mapping[str, Node], now: Any) -> Outcome:
    one, other = nodes.values()
    everything = [*one.log, *other.log]
    late = now + timedelta(days=1)
    reference = fold("case", bound, everything)
    for node in nodes.values():
        doubled = everything + rng.choices(everything, k=len(everything)) if everything else []
        rng.shuffle(doubled)
        mine = fold("case", bound, doubled)
        assert mine == reference
        if not isinstance(mine, Dossier):
            continue
        assert node.dossier == mine
        assert due(node.dossier, late) == due(reference, late)
        assert count_dossier(node.dossier, EVENT, at=late) == count_dossier(
            reference, EVENT, at=late
        )
        assert (
            count_sheet(node.dossier, as_of(node.dossier, late)).digest
            == count_sheet(reference, as_of(reference, late)).digest
        )
    if not isinstance(reference, Dossier):
        return Outcome(tuple(everything), None, 0, 0)
    _check_sound(reference)
    crossed = sum(a.index >= b.seen and b.index >= a.seen for a in one.log for b in other.log)
    return Outcome(tuple(everything), reference, len(reference.refused), crossed)


def _check_sound(dossier: Dossier) -> None:
    """Check what no history may break."""
    made = offers(dossier)
    drawn: dict[str, int] = {}
    for one in items(dossier).values():
        drawn[one.offer] = drawn.get(one.offer, 0) + one.terms.people
    assert all(people <= made[code].terms.people for code, people in drawn.items())
    for one in items(dossier).values():
        named = [
            entry for entry in roll(dossier).values() if entry.item == one.code and entry.is_active
        ]
        assert len(named) <= one.terms.people
    for step in dossier.steps:
        if step.is_effective and dossier.definition.acts[step.act.name].is_cosigned:
            signers = {
                other.act.side
                for other in dossier.steps
                if other.act.name == step.act.name and other.act.payload == step.act.payload
            }
            assert signers == set(dossier.definition.sides)
    assert all(one.refusal.reason for one in dossier.refused)
    for code, entry in roll(dossier).items():
        assert roll(dossier, {code}) == {code: entry}
