"""Send a campaign with one confirmation; give more time, withdraw, send again.

Every partner has a thread of its own and a dossier of its own: no state sees another's request, and
nothing in a request names another partner. Sending signs exactly what was shown: the digest over
all requests is given back, and when anything has changed since, nothing leaves. One partner whose node
cannot be addressed does not stop the others; its thread says why and can be sent again.
"""

from __future__ import annotations

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
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["Shown", "extension", "prepared", "say_shown", "seen_of", "send", "withdrawal"]

_ROLE: Final = "directorate"
_MOST_BYTES: Final = 250_000
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
    """

    thread: Thread
    act: str
    payload: dict[str, Json]
    refusal: Refusal | None


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
        found.append(
            Shown(thread, "request", payload, rule.schema.check(payload) or _long(payload))
        )
    return found


def _long(payload: dict[str, Json]) -> Refusal | None:
    """Refuse what would not fit into the body of one act."""
    size = len(canonical_bytes(payload))
    if size <= _MOST_BYTES:
        return None
    found = f"{size:,} bytes; leave lines out or draft a second campaign"
    return Refusal("act.fields", {"place": "lines", "found": found, "n": "1"})


def seen_of(shown: Sequence[Shown]) -> str:
    """Return the digest over everything that would be signed."""
    return digest([[one.thread.peer, one.act, one.payload] for one in shown])


def send(campaign: Campaign, *, seen: str, actor: Actor, clock: Clock) -> tuple[int, list[Thread]]:
    """Sign and release every prepared request.

    Parameters
    ----------
    campaign
        The campaign.
    seen
        Digest of what was shown, from :func:`seen_of`.
    actor, clock
        Who signs, and when.

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
    if not shown:
        raise RefusedError("Nothing is waiting to be sent.", code="campaign.empty")
    if seen_of(shown) != seen:
        raise RefusedError(
            "The requests have changed since they were shown; look at them again.",
            code="campaign.changed",
        )
    problems = [one.thread for one in shown if not _send_one(campaign, one, actor, clock)]
    n_sent = len(shown) - len(problems)
    if n_sent and campaign.sent_at is None:
        campaign.sent_at, campaign.sent_by = clock.now(), actor.label
        campaign.save(update_fields=["sent_at", "sent_by"])
    return n_sent, problems


def extension(threads: Sequence[Thread], until: datetime, *, reason: str) -> list[Shown]:
    """Return what giving more time would sign: an amendment of each request, its lines as they stand."""
    found = []
    for thread in threads:
        _, _, value = open_dossier_value(thread.case)
        last = value.last("request", "amend")
        if last is None:
            found.append(Shown(thread, "amend", {}, Refusal("dossier.empty")))
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
        raise RefusedError(
            "The requests have changed since they were shown; look at them again.",
            code="campaign.changed",
        )
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
    return Shown(thread, act, payload, refusal)


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


def _send_one(campaign: Campaign, shown: Shown, actor: Actor, clock: Clock) -> bool:
    thread = shown.thread
    try:
        with transaction.atomic():
            result = _say(campaign, shown, actor, clock)
            if isinstance(result, str):
                _mark_sent(thread, result, clock)
                return True
            problem = result.reason
    except RefusedError as error:
        if error.code == "accounts.not-permitted":
            raise
        problem = str(error)
    Thread.objects.filter(pk=thread.pk).update(problem=problem[:400])
    thread.problem = problem
    return False


def _say(campaign: Campaign, shown: Shown, actor: Actor, clock: Clock) -> str | Refusal:
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
            actor=actor, clock=clock, event=campaign.event.code,
        )  # fmt: skip
    said = dossiers.say(announced.case, "request", shown.payload, _ROLE, actor=actor, clock=clock)
    return said if isinstance(said, Refusal) else announced.case


def _mark_sent(thread: Thread, case: str, clock: Clock) -> None:
    moved = Thread.objects.filter(pk=thread.pk, case="").update(
        case=case, sent_at=clock.now(), problem=""
    )
    if moved != 1:
        raise RefusedError("This request was sent already.", code="campaign.sent")
