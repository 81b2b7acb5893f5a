"""Send a campaign with one confirmation; give more time, withdraw, send again.

Every partner has a thread of its own and a dossier of its own: no state sees another's request, and
nothing in a request names another partner. Sending signs exactly what was shown: the digest over
all requests is given back, and when anything has changed since, nothing leaves. One partner whose node
cannot be addressed does not stop the others; its thread says why and can be sent again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import format_instant
from passerelle.node.dossiers import domain as dossiers
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.reinforcement.models import Campaign, DraftLine, Thread
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = [
    "MOST_BYTES",
    "Shown",
    "extension",
    "prepared",
    "require_seen",
    "say_shown",
    "seen_of",
    "send",
    "send_thread",
    "size_of",
    "withdrawal",
]

_ROLE: Final = "directorate"
MOST_BYTES: Final = 250_000
"""The body of an act may have 262,144 bytes, its frame included."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold what one thread would sign now.

    Parameters
    ----------
    thread
        The thread.
    act
        ``request``, or ``amend`` for an extension.
    payload
        Its fields.
    refusal
        Why it would be refused; ``None`` when it would not.
    digest
        SHA-256 of the fields in canonical form: what is compared before anything is signed.
    """

    thread: Thread
    act: str
    payload: dict[str, Json]
    refusal: Refusal | None
    digest: str


def prepared(campaign: Campaign, *, threads: Sequence[Thread] | None = None) -> list[Shown]:
    """Return exactly what sending would sign, by thread; those without lines and those sent are left out."""
    rule = definition("reinforcement").acts["request"]
    chosen = list(campaign.threads.prefetch_related("lines")) if threads is None else threads
    found = []
    for thread in chosen:
        lines = [line for line in thread.lines.all() if not line.is_out]
        if thread.case or not lines:
            continue
        payload = _payload(campaign, thread, lines)
        body = canonical_bytes(payload)
        refusal = rule.schema.check(payload) or _long(len(body))
        found.append(Shown(thread, "request", payload, refusal, hashlib.sha256(body).hexdigest()))
    return found


def size_of(campaign: Campaign, thread: Thread, lines: Sequence[DraftLine]) -> int:
    """Return the bytes of a request with these lines."""
    return len(canonical_bytes(_payload(campaign, thread, lines)))


def _long(size: int) -> Refusal | None:
    """Refuse what would not fit into the body of one act; :mod:`.splitting` helps."""
    if size <= MOST_BYTES:
        return None
    return Refusal("campaign.long", {"bytes": f"{size:,}", "most": f"{MOST_BYTES:,}"})


def seen_of(shown: Sequence[Shown]) -> str:
    """Return the digest over everything that would be signed."""
    return digest([[one.thread.peer, one.act, one.digest] for one in shown])


def send(
    campaign: Campaign,
    *,
    seen: str,
    actor: Actor,
    clock: Clock,
    numbers: Mapping[str, str] | None = None,
) -> tuple[int, list[Thread]]:
    """Sign and release every prepared request.

    Parameters
    ----------
    campaign
        The campaign.
    seen
        Digest of what was shown, from :func:`seen_of`.
    actor, clock
        Who signs, and when.
    numbers
        Numbers of the dossiers by peer, where they were agreed beforehand; drawn when left out.

    Returns
    -------
    tuple
        How many were released, and the threads that could not be, with the reason kept in them.

    Raises
    ------
    RefusedError
        When there is nothing to send, or it is not what was shown any more.
    """
    shown = prepared(campaign)
    require_seen(shown, seen)
    known, problems = numbers or {}, []
    for one in shown:
        peer = one.thread.peer
        send_thread(
            campaign, peer, one.digest, actor=actor, clock=clock, number=known.get(peer, "")
        )
        one.thread.refresh_from_db()
        if one.thread.problem:
            problems.append(one.thread)
    return len(shown) - len(problems), problems


def require_seen(shown: Sequence[Shown], seen: str) -> None:
    """Refuse unless there is something to send, and it is what was shown.

    Raises
    ------
    RefusedError
        With code ``campaign.empty`` or ``campaign.changed``.
    """
    if not shown:
        raise RefusedError("Nothing is waiting to be sent.", code="campaign.empty")
    if seen_of(shown) != seen:
        raise _changed()


def send_thread(
    campaign: Campaign,
    peer: str,
    confirmed: str,
    *,
    actor: Actor,
    clock: Clock,
    number: str = "",
) -> None:
    """Sign and release the request to one partner, once, if it is what was confirmed.

    Why it could not be is kept in the thread. A request that was sent already stays as it is, so that
    whoever was interrupted may begin anew.

    Parameters
    ----------
    campaign
        The campaign.
    peer
        The partner.
    confirmed
        Digest of the request that was shown and confirmed.
    actor, clock
        Who signs, and when.
    number
        Number of the dossier where it was agreed beforehand; drawn when left out.

    Raises
    ------
    RefusedError
        When the actor may not sign.
    """
    thread = campaign.threads.prefetch_related("lines").get(peer=peer)
    if thread.case:
        return
    shown = next(iter(prepared(campaign, threads=[thread])), None)
    if shown is None or shown.digest != confirmed:
        _keep_problem(thread, Refusal("campaign.changed"))
    elif shown.refusal is not None:
        _keep_problem(thread, shown.refusal)
    elif _send_one(campaign, shown, number, actor, clock):
        moved = Campaign.objects.filter(pk=campaign.pk, sent_at=None)
        moved.update(sent_at=clock.now(), sent_by=actor.label)


def extension(threads: Sequence[Thread], until: datetime, *, reason: str) -> list[Shown]:
    """Return what giving more time would sign: an amendment of each request, its lines as they stand."""
    found = []
    for thread in threads:
        _, _, value = open_dossier_value(thread.case)
        last = value.last("request", "amend")
        if last is None:
            found.append(_shown(thread, "amend", {}, Refusal("dossier.empty")))
            continue
        payload: dict[str, Json] = {
            "reason": reason,
            "answer_by": format_instant(until),
            "lines": last.payload["lines"],
        }
        if "support" in last.payload:
            payload["support"] = last.payload["support"]
        found.append(_checked(thread, value, "amend", payload))
    return found


def withdrawal(threads: Sequence[Thread], *, reason: str) -> list[Shown]:
    """Return what withdrawing would sign."""
    return [
        _checked(thread, open_dossier_value(thread.case)[2], "withdraw", {"reason": reason})
        for thread in threads
    ]


def say_shown(
    shown: Sequence[Shown], *, seen: str, actor: Actor, clock: Clock
) -> list[Refusal | None]:
    """Say what was shown in the dossiers of the threads, each by itself.

    A thread whose request is withdrawn may afterwards be edited and sent again as a new dossier.

    Raises
    ------
    RefusedError
        When it is not what was shown any more.
    """
    if seen_of(shown) != seen:
        raise _changed()
    found: list[Refusal | None] = []
    for one in shown:
        thread = one.thread
        result = dossiers.say(thread.case, one.act, one.payload, _ROLE, actor=actor, clock=clock)
        if isinstance(result, Refusal):
            found.append(result)
            continue
        if one.act == "withdraw":
            Thread.objects.filter(pk=thread.pk, case=thread.case).update(
                case="", earlier=[*thread.earlier, thread.case], sent_at=None
            )
        found.append(None)
    return found


def _checked(thread: Thread, value: DossierValue, act: str, payload: dict[str, Json]) -> Shown:
    rule = value.definition.acts[act]
    refusal = (
        Refusal("act.out-of-turn", {"act": act, "state": value.state, "expected": ""})
        if value.state not in rule.moves
        else rule.schema.check(payload)
    )
    return _shown(thread, act, payload, refusal)


def _shown(thread: Thread, act: str, payload: dict[str, Json], refusal: Refusal | None) -> Shown:
    return Shown(thread, act, payload, refusal, digest(payload))


def _payload(campaign: Campaign, thread: Thread, lines: Sequence[DraftLine]) -> dict[str, Json]:
    header = {name: value for name, value in campaign.header.items() if value not in ("", None)}
    fields: dict[str, Json] = {
        "reference": thread.reference,
        "event": campaign.event.code,
        **header,
        "addressee": header.get("addressee") or f"{thread.state}",
        "issued_on": f"{campaign.created_at:%Y-%m-%d}",
        "answer_by": format_instant(campaign.answer_by),
        "lines": [_fields(line) for line in lines],
    }
    order = definition("reinforcement").acts["request"].schema.fields
    return {name: fields[name] for name in order if name in fields} | {
        name: value for name, value in fields.items() if name not in order
    }


def _fields(line: DraftLine) -> dict[str, Json]:
    found: dict[str, Json] = {
        "line": line.code,
        "capability": line.capability,
        "posts": line.posts,
        "present": line.present,
        "people": line.people,
        "places": list(line.places),
        "from": format_instant(line.starts_at),
        "to": format_instant(line.ends_at),
        "task": line.task,
        "command": "host",
        "priority": line.priority,
    }
    if line.animals:
        found["animals"] = line.animals
    if line.languages:
        found["languages"] = list(line.languages)
    if line.host_escort:
        found["host_escort"] = line.host_escort
    if line.needs:
        # Site and capability; the days are those of the line. The draft keeps every cell.
        found["needs"] = list(dict.fromkeys(cell.rpartition("/")[0] for cell in line.needs))
    if line.doubles_host:
        found["doubles_host"] = True
    return found


def _changed() -> RefusedError:
    return RefusedError(
        "The requests have changed since they were shown; look at them again.",
        code="campaign.changed",
    )


def _send_one(campaign: Campaign, shown: Shown, case: str, actor: Actor, clock: Clock) -> bool:
    """Say one request and mark its thread, both or neither; tell whether it left now."""
    problem: Refusal | RefusedError
    try:
        with transaction.atomic():
            result = _say(campaign, shown, case, actor, clock)
            if isinstance(result, str):
                _mark_sent(shown.thread, result, clock)
                return True
            problem = result
    except RefusedError as error:
        if error.code == "accounts.not-permitted":
            raise
        if error.code == "campaign.sent":
            return False  # another sender was quicker; what we had said is undone
        problem = error
    _keep_problem(shown.thread, problem)
    return False


def _keep_problem(thread: Thread, problem: Refusal | RefusedError) -> None:
    """Keep in the thread why it was not sent, in words and as what the words are made of."""
    words, why = str(problem), {}
    if isinstance(problem, Refusal):
        words, why = problem.reason, {"code": problem.code, "params": dict(problem.params)}
    Thread.objects.filter(pk=thread.pk, case="").update(problem=words[:400], why=why)


def _say(campaign: Campaign, shown: Shown, case: str, actor: Actor, clock: Clock) -> str | Refusal:
    """Say the request where the partner has announced itself already, else open a dossier."""
    announced = Dossier.objects.filter(
        procedure="reinforcement",
        state="announced",
        side="host",
        corridor__peer=shown.thread.peer,
        event=campaign.event.code,
    ).first()
    if announced is None:
        return dossiers.open_case(
            shown.thread.peer, "reinforcement", "request", shown.payload, _ROLE,
            actor=actor, clock=clock, event=campaign.event.code, case=case,
        )  # fmt: skip
    said = dossiers.say(announced.case, "request", shown.payload, _ROLE, actor=actor, clock=clock)
    return said if isinstance(said, Refusal) else announced.case


def _mark_sent(thread: Thread, case: str, clock: Clock) -> None:
    moved = Thread.objects.filter(pk=thread.pk, case="").update(
        case=case, sent_at=clock.now(), problem="", why={}
    )
    if moved != 1:
        raise RefusedError("This request was sent already.", code="campaign.sent")
