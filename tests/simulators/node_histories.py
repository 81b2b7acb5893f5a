"""Random histories of files on a real node: officials, strangers and administrators try everything.

Whatever is tried: nothing about a person is in the outbox or reaches the partner while a bar stands, every pause
has the same bytes, the log stays whole, and what the partner folds is what our file shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulators.case_node import OFFICIALS, actor_of, official
from tests.simulators.file_histories import NEUTRAL, fields_of

from passerelle.exchange.header import parse_header
from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.accounts.enums import Role
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.folding import bind, fold_case, hear
from passerelle.node.dossiers.models import Dossier as Row
from passerelle.node.exchange import content
from passerelle.node.exchange.acts import Release
from passerelle.node.exchange.models import Cursor, Entry
from passerelle.node.national.queries import find_fault
from passerelle.procedures.casework.facts import standing_bars
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import fold
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import shown_state
from passerelle.procedures.values import Act

if TYPE_CHECKING:
    from random import Random

    from tests.simulators.case_node import CaseNode

__all__ = ["Counts", "run"]

DEFINITION = definition("identification")
STOPPING = {"protection", "court-order", "minor", "refugee", "stateless"}
OUTSIDERS = (
    COMMAND_LINE,
    actor_of("user:administrator", Role.OPERATOR),
    actor_of("user:auditor", Role.AUDITOR),
    actor_of("user:stranger", Role.CASE_OFFICER),
    actor_of("user:planner", Role.PLANNER),
)


@dataclass
class Counts:
    """What the histories came to."""

    tried: int = 0
    taken: int = 0
    refused: int = 0
    by_outsiders: int = 0
    answers: int = 0
    delivered: int = 0
    pauses: int = 0
    under_a_bar: int = 0


def run(rng: Random, node: CaseNode, n_steps: int, counts: Counts) -> None:
    """Run one history; raise AssertionError when a rule is broken."""
    start = rng.choice((node.open, node.ready, node.sent, node.sent))
    case = start(person=f"SYN-{rng.randrange(10**9)}")
    rules = list(DEFINITION.acts.values())
    braked = False
    for _ in range(n_steps):
        draw = rng.random()
        if draw < 0.15:
            _deliver(node, case, counts)
        elif draw < 0.3:
            _answer(rng, node, case, counts)
        elif draw < 0.35:
            braked = _brake(node, on=not braked)
        else:
            state = node.state(case)
            fitting = [rule for rule in rules if state in rule.moves]
            _try(
                rng,
                node,
                case,
                rng.choice(fitting if fitting and rng.random() < 0.8 else rules).name,
                counts,
            )
        node.clock.advance(timedelta(minutes=rng.choice((1, 30, 300))))
        _check(node, case, counts)
    if braked:
        _brake(node, on=False)
    domain.take_in(node.clock)
    _deliver(node, case, counts)
    assert find_fault(node.ours) == ""
    _check_partner(node, case)


def _try(rng: Random, node: CaseNode, case: str, name: str, counts: Counts) -> None:
    rule = DEFINITION.acts[name]
    is_outsider = rng.random() < 0.2
    role = rng.choice([one for one in rule.who if one in OFFICIALS] or ["case-officer"])
    actor = rng.choice(OUTSIDERS) if is_outsider else official(role)
    fields = node.sending() if name.startswith("send") else fields_of(rng, node.clock.now(), name)
    if name in {"review", "review-again"}:
        fields = {"gates": node.gates(case)}
    counts.tried += 1
    counts.by_outsiders += is_outsider
    try:
        found = domain.say(case, name, fields, role, actor=actor, clock=node.clock)
    except RefusedError:
        counts.refused += 1
        return
    is_taken = isinstance(found, Release)
    counts.taken += is_taken
    counts.refused += not is_taken
    if is_outsider and actor.label != "user:stranger":
        assert not is_taken, (name, actor.label)


def _answer(rng: Random, node: CaseNode, case: str, counts: Counts) -> None:
    """Let the partner say something that its office may say, fitting or not."""
    theirs = [rule.name for rule in DEFINITION.acts.values() if rule.who[0] == "consulate"]
    if node.seen_by_partner(case):
        name = rng.choice(theirs)
        node.answer(case, name, **fields_of(rng, node.clock.now(), name))
        counts.answers += 1


def _brake(node: CaseNode, *, on: bool) -> bool:
    change = domain.pull_brake if on else domain.release_brake
    change("fr-ma", why="history", actor=official("approver"), clock=node.clock)
    return on


def _deliver(node: CaseNode, case: str, counts: Counts) -> None:
    bars = _bars(case)
    before = len(node.bodies(case))
    node.deliver()
    for body in node.bodies(case)[before:]:
        counts.delivered += 1
        assert not bars & STOPPING or body["act"] in NEUTRAL, (body["act"], bars)


def _bars(case: str) -> frozenset[str]:
    found = _folded(case)
    return frozenset() if found is None else standing_bars(found)


def _folded(case: str) -> Dossier | None:
    row = Row.objects.select_related("corridor").get(pk=case)
    found = fold_case(case, row.corridor, hear(case))
    return found if isinstance(found, Dossier) else None


def _check(node: CaseNode, case: str, counts: Counts) -> None:
    """Look into the outbox: while a bar stands, nothing in it tells of the person."""
    bars = _bars(case)
    counts.under_a_bar += bool(bars & STOPPING)
    for entry in Entry.objects.filter(case=case, log__direction="out").select_related(
        "body", "log"
    ):
        cursor = Cursor.objects.get(log_id=entry.log_id)
        header = parse_header(bytes(entry.header))
        plain, _ = content.open_body(node.ours, entry, header)
        if entry.idx < cursor.cosigned or plain is None:
            continue
        is_pause = b'"act":"pause"' in plain
        counts.pauses += is_pause
        if is_pause:
            assert b'"payload":{},"person":""' in plain
        elif bars & STOPPING:
            assert any(f'"act":"{name}"'.encode() in plain for name in NEUTRAL), plain[:80]


def _check_partner(node: CaseNode, case: str) -> None:
    """Fold what the partner holds; it must be what our file shows."""
    ours = _folded(case)
    seen = node.seen_by_partner(case)
    if ours is None or not seen or any(body is None for _, body in seen):
        return
    row = Row.objects.select_related("corridor").get(pk=case)
    bound = bind(row.corridor, "identification", "requested", at=ours.opened.issued)
    parties = {"requesting": "FR", "requested": "MA"}
    shared = [_act(header, body) for header, body in zip(*_split(node, case), strict=True)]
    theirs = [act for act in hear(case).acts if act.side == "requested"]
    found = fold(case, replace(bound, parties=parties), [*shared, *theirs])
    assert isinstance(found, Dossier), found
    assert found.state == shown_state(DEFINITION, ours.state), (found.state, ours.state)


def _split(node: CaseNode, case: str) -> tuple[list[Any], list[dict[str, Any]]]:
    headers = [header for header, body in node.seen_by_partner(case) if body is not None]
    return headers, node.bodies(case)


def _act(header: Any, body: dict[str, Any]) -> Act:
    from passerelle.exchange.header import entry_id

    data = header.encode()
    assert canonical_bytes(body)
    return Act(
        id=entry_id(data), name=body["act"], side=body["side"], role=body["role"],
        issued=header.issued, payload=body["payload"], person=body["person"], re=header.re,
        definition=body["definition"], origin=str(header.origin), index=header.index,
        seen=header.seen,
    )  # fmt: skip
