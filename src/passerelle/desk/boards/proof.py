"""What the pages of proof show: one peer, one log, one act, and our own root."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from passerelle.desk.boards.alarms import MARKS, refusal_words, refused_by_peer
from passerelle.exchange.agreement import PeerLimits, parse_envelope
from passerelle.exchange.card import parse_card
from passerelle.exchange.effects import Mark
from passerelle.exchange.header import Kind
from passerelle.exchange.merkle import inclusion_path, leaf_hash, verify_inclusion
from passerelle.exchange.note import Checkpoint
from passerelle.exchange.trust import fingerprint, fingerprint_words
from passerelle.node.dossiers.kinds import is_sheltered
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange import content, store
from passerelle.node.exchange.agreements import in_force
from passerelle.node.exchange.models import (
    CheckpointRow,
    Cosignature,
    Entry,
    EvidenceRow,
    Log,
    Peer,
)
from passerelle.node.exchange.queries import ProofState, proof_of
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.exchange.header import Header
    from passerelle.node.exchange.queries import ActProof

__all__ = [
    "ActBoard",
    "AgreementLine",
    "EntryLine",
    "EvidenceLine",
    "KeyLine",
    "LogBoard",
    "LogLine",
    "OverdueLine",
    "PeerBoard",
    "RootBoard",
    "ThreadLine",
    "act_board",
    "is_walled",
    "log_board",
    "peer_board",
    "root_board",
]

PAGE: Final = 50
_MOST: Final = 25

_KINDS: Final = {
    Kind.REQUEST: gettext_lazy("request"),
    Kind.OFFER: gettext_lazy("offer"),
    Kind.COMMITMENT: gettext_lazy("commitment"),
    Kind.REPORT: gettext_lazy("report"),
    Kind.CASE_REQUEST: gettext_lazy("request in a case"),
    Kind.CASE_UPDATE: gettext_lazy("update of a case"),
    Kind.ACKNOWLEDGE: gettext_lazy("taken in charge"),
    Kind.ACCEPT: gettext_lazy("acceptance"),
    Kind.REFUSE: gettext_lazy("refusal"),
    Kind.FULFIL: gettext_lazy("fulfilment"),
    Kind.WITHDRAW: gettext_lazy("withdrawal"),
    Kind.EXTEND: gettext_lazy("extension"),
    Kind.NOTICE_KEY: gettext_lazy("notice of a key"),
    Kind.NOTICE_EPOCH: gettext_lazy("notice: a new log begins"),
    Kind.NOTICE_ERASURE: gettext_lazy("notice of erasure"),
    Kind.NOTICE_SUSPEND: gettext_lazy("notice of a pause"),
}
_PROOFS: Final = {
    ProofState.RELEASED: ("idle", gettext_lazy("signed here, not sent yet")),
    ProofState.ATTEMPTED: ("short", gettext_lazy("sent, no receipt yet")),
    ProofState.RECEIPTED: ("met", gettext_lazy("the partner signed that it holds this")),
    ProofState.HELD: ("met", gettext_lazy("received, and our receipt is signed")),
}
_EVIDENCE: Final = {
    "fork": gettext_lazy("It signed two different records of one size: it told two stories."),
    "inconsistent": gettext_lazy("What it sent contradicts what it signed."),
    "epoch": gettext_lazy("It began a new log that does not continue what we hold."),
    "receipt-invalid": gettext_lazy("It answered with a receipt whose signatures are wrong."),
    "clock": gettext_lazy("Its receipt carries a time that cannot be: a clock is wrong."),
    "receiver-restored": gettext_lazy("It holds less than it had receipted: it lost entries."),
    "refused": gettext_lazy("It refused what we sent; both sides' bytes are kept."),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """Show one log of one epoch."""

    id: str
    origin: str
    is_ours: bool
    epoch: int
    size: int
    receipted: int
    root: str
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """Show one act that has no receipt yet."""

    entry_id: str
    kind: str
    case: str
    released: datetime
    words: str
    look: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """Show that something was said with a peer in one dossier: its number, no word of it."""

    case: str
    is_known: bool
    n_acts: int
    last: datetime
    is_walled: bool


@dataclass(frozen=True, slots=True)
class KeyLine:
    """Show one key of a peer's card."""

    part: str
    kind: str
    since: datetime
    until: datetime | None
    words: str
    look: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Show one thing kept against a peer."""

    words: str
    at: datetime
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """Show the agreement in force."""

    version: int
    digest: str
    since: datetime
    kinds: str


@dataclass(frozen=True, slots=True)
class PeerBoard:
    """Show one peer.

    Parameters
    ----------
    node
        Its name.
    passes
        What passes now, sentence by sentence.
    overdue, n_waiting
        Acts without receipt, oldest first, and how many there are in all.
    threads, logs, keys, evidence
        Lines of the tables.
    agreement, limits
        What is agreed.
    words
        Its pinned root as words to read aloud.
    """

    node: str
    passes: tuple[str, ...]
    overdue: tuple[OverdueLine, ...]
    n_waiting: int
    threads: tuple[ThreadLine, ...]
    logs: tuple[LogLine, ...]
    keys: tuple[KeyLine, ...]
    evidence: tuple[EvidenceLine, ...]
    agreement: AgreementLine | None
    limits: PeerLimits
    words: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """Show one entry of a log."""

    entry_id: str
    index: int
    kind: str
    case: str
    at: datetime
    words: str
    look: str
    received: datetime | None
    mark: str


@dataclass(frozen=True, slots=True)
class LogBoard:
    """Show one page of a log, newest first."""

    line: LogLine
    entries: tuple[EntryLine, ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class ActBoard:
    """Show what is proved about one act, and by what.

    Parameters
    ----------
    entry
        The act.
    log
        Its log.
    header
        What both sides hold of it; ``None`` when it cannot be read.
    leaf, path
        Its leaf hash and the hashes that lead to the root, in hexadecimal.
    size, root
        The receipted checkpoint; 0 and empty when none covers it.
    says
        What follows from it, sentence by sentence.
    is_sound
        Whether the hashes were recomputed now and lead to the signed root.
    is_walled
        Whether its dossier lies behind a wall between parts.
    """

    entry: EntryLine
    log: LogLine
    header: Header | None
    leaf: str
    path: tuple[str, ...]
    size: int
    root: str
    says: tuple[str, ...]
    is_sound: bool
    is_walled: bool


@dataclass(frozen=True, slots=True)
class RootBoard:
    """Show our own root, to be handed over in person."""

    node: str
    fingerprint: str
    words: tuple[str, ...]
    code: str
    n_versions: int


def peer_board(peer: Peer, now: datetime) -> PeerBoard:
    """Gather what there is to say about a peer."""
    record = store.find_peer(peer.node)
    assert record is not None
    logs = tuple(
        _log_line(row) for row in Log.objects.filter(peer=peer).order_by("-epoch", "-direction")
    )
    waiting = _waiting(peer.node)
    late = timedelta(hours=record.limits.courier_hours)
    agreed = in_force(peer.node)
    return PeerBoard(
        node=peer.node,
        passes=_passes(peer, record.freshness(now).value),
        overdue=tuple(_overdue(entry, now, late) for entry in waiting[:_MOST]),
        n_waiting=len(waiting),
        threads=_threads(peer.node),
        logs=logs,
        keys=_keys(bytes(peer.card), now),
        evidence=(
            *_refusals(peer.node),
            *(
                EvidenceLine(str(_EVIDENCE.get(row.kind, row.kind)), row.at)
                for row in EvidenceRow.objects.filter(peer=peer.node).order_by("-id")[:_MOST]
            ),
        ),
        agreement=None
        if agreed is None
        else AgreementLine(
            agreed.version,
            parse_envelope(bytes(agreed.envelope)).digest,
            agreed.at,
            ", ".join(sorted(record.kinds)),
        ),
        limits=record.limits,
        words=fingerprint_words(record.trust.roots[0]),
    )


def log_board(log: Log, before: int) -> LogBoard:
    """Show the entries of a log below a position, newest first."""
    end = min(before or log.size, log.size)
    rows = Entry.objects.filter(log=log, idx__lt=end).order_by("-idx")[:PAGE]
    refused = refused_by_peer(log.peer_id) if log.direction == "out" else {}
    entries = tuple(
        _refused_line(_entry_line(row, proof_of(log.id, row.idx)), refused) for row in rows
    )
    lowest = entries[-1].index if entries else 0
    return LogBoard(
        line=_log_line(log),
        entries=entries,
        newer=min(end + PAGE, log.size) if end < log.size else None,
        older=lowest or None,
    )


def act_board(entry: Entry) -> ActBoard:
    """Recompute the proof of one act from the record."""
    found = proof_of(entry.log_id, entry.idx)
    receipt = (
        Cosignature.objects.filter(log=entry.log, size=found.size).order_by("time").first()
        if found.size
        else None
    )
    path: list[bytes] = []
    root, is_sound = b"", leaf_hash(bytes(entry.header)) == bytes(entry.leaf)
    if receipt is not None:
        root = Checkpoint.parse(bytes(receipt.text)).root
        rows = Entry.objects.filter(log=entry.log, idx__lt=found.size).order_by("idx")
        leaves = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
        path = inclusion_path(leaves, entry.idx)
        try:
            verify_inclusion(bytes(entry.leaf), entry.idx, found.size, path, root)
        except ValueError:
            is_sound = False
    line = _entry_line(entry, found)
    return ActBoard(
        entry=line,
        log=_log_line(entry.log),
        header=content.readable(entry),
        leaf=bytes(entry.leaf).hex(),
        path=tuple(one.hex() for one in path),
        size=found.size,
        root=root.hex(),
        says=_says(entry, found, line, is_sound=is_sound),
        is_sound=is_sound,
        is_walled=is_walled(entry.case),
    )


def is_walled(case: str) -> bool:
    """Tell whether a dossier lies behind a wall between parts: pages of proof show no more of it."""
    row = Dossier.objects.filter(case=case).first()
    return row is not None and is_sheltered(row.procedure)


def root_board() -> RootBoard:
    """Show our root: the first one, which peers pin."""
    node = station()
    folder = node.folder / "trust"
    root = (folder / "1.root.json").read_bytes()
    return RootBoard(
        node=node.identity.node,
        fingerprint=fingerprint(root),
        words=tuple(fingerprint_words(root).split("-")),
        code=f"passerelle:{node.identity.node}:{fingerprint(root)}",
        n_versions=len(list(folder.glob("*.root.json"))),
    )


def _log_line(log: Log) -> LogLine:
    receipted = Cosignature.objects.filter(log=log).aggregate(most=Max("size"))["most"] or 0
    return LogLine(
        id=log.id,
        origin=log.origin,
        is_ours=log.direction == "out",
        epoch=log.epoch,
        size=log.size,
        receipted=receipted,
        root=log.root,
        closed_at=log.final if log.closed else None,
    )


def _waiting(peer: str) -> list[Entry]:
    """Return our acts without receipt in logs that are open, oldest first."""
    found: list[Entry] = []
    for log in Log.objects.filter(peer_id=peer, direction="out", closed=False):
        cosigned = log.cursor.cosigned
        found += Entry.objects.filter(log=log, idx__gte=cosigned).order_by("idx")[:1000]
    return found


def _overdue(entry: Entry, now: datetime, late: timedelta) -> OverdueLine:
    look, words = _PROOFS[proof_of(entry.log_id, entry.idx).state]
    is_late = now - entry.at > late
    return OverdueLine(
        entry_id=entry.entry_id,
        kind=_kind(entry),
        case=entry.case,
        released=entry.at,
        words=str(words),
        look="critical" if is_late else look,
        is_late=is_late,
    )


def _threads(peer: str) -> tuple[ThreadLine, ...]:
    rows = (
        Entry.objects.filter(log__peer_id=peer)
        .exclude(case="")
        .exclude(kind__startswith="notice.")
        .values("case")
        .annotate(n_acts=Count("id"), last=Max("at"))
        .order_by("-last")[:_MOST]
    )
    found = Dossier.objects.filter(case__in=[row["case"] for row in rows])
    known = dict(found.values_list("case", "procedure"))
    return tuple(
        ThreadLine(
            row["case"],
            row["case"] in known,
            row["n_acts"],
            row["last"],
            is_sheltered(known.get(row["case"], "")),
        )
        for row in rows
    )


def _keys(card: bytes, now: datetime) -> tuple[KeyLine, ...]:
    if not card:
        return ()
    found = parse_card(card)
    parts = (
        [(_("signs its logs"), one) for one in found.log_keys],
        [(_("signs its receipts"), one) for one in found.receipt_keys],
    )
    lines = []
    for words, one in (item for part in parts for item in part):
        window = one.window
        state, look = _("in use"), "met"
        if window.revoked:
            state, look = _("revoked: nothing later is believed"), "critical"
        elif window.since > now:
            state, look = _("announced"), "idle"
        elif window.until and window.until <= now:
            state, look = _("former: old records stay proved"), "idle"
        lines.append(
            KeyLine(
                words,
                one.key.algorithm.value,
                window.since,
                window.revoked or window.until,
                state,
                look,
            )
        )
    return tuple(lines)


def _passes(peer: Peer, freshness: str) -> tuple[str, ...]:
    """Say what passes now, in words."""
    states = {
        "pinned": _("Its root is known, its card is not: only notices pass."),
        "active": _("Acts go out and come in."),
        "degraded": _("Acts go out and come in; an alarm stands and waits for a decision."),
        "suspended": _("Nothing leaves. What arrives is stored and receipted, but not read."),
        "ended": _("The agreement is over: the record stays readable, nothing passes."),
    }
    trust = {
        "fresh": _("Its trust files are fresh."),
        "stale": _(
            "Its trust files are stale: commitments and acceptances wait for fresh ones or a named officer."
        ),
        "expired": _(
            "Its trust files are too old: nothing is released or taken until they are renewed."
        ),
    }
    found = [states.get(peer.state, peer.state), trust.get(freshness, freshness)]
    if peer.told == "paused":
        found.append(_("The peer told us that it paused. It stores and receipts what we send."))
    return tuple(found)


def _entry_line(entry: Entry, found: ActProof) -> EntryLine:
    look, words = _PROOFS[found.state]
    received = datetime.fromtimestamp(found.receipt_time, UTC) if found.receipt_time else None
    mark = Mark(entry.mark)
    return EntryLine(
        entry_id=entry.entry_id,
        index=entry.idx,
        kind=_kind(entry),
        case=entry.case,
        at=entry.at,
        words=str(words),
        look=look,
        received=received,
        mark="" if mark is Mark.SOUND else str(MARKS[mark]),
    )


def _refusals(peer: str) -> tuple[EvidenceLine, ...]:
    """List the acts that the peer's node refused unread."""
    refused = refused_by_peer(peer)
    rows = Entry.objects.filter(entry_id__in=refused, log__direction="out").order_by("-id")
    return tuple(
        EvidenceLine(
            _("Its node refused this act unread (%(reason)s):") % {"reason": refused[row.entry_id]},
            row.at,
            row.entry_id,
        )
        for row in rows
    )


def _refused_line(line: EntryLine, refused: Mapping[str, str]) -> EntryLine:
    """Show that a partner's node refused one of our entries unread."""
    if line.entry_id not in refused:
        return line
    words = _("refused unread: %(reason)s") % {"reason": refused[line.entry_id]}
    return replace(line, mark=words, look="short")


def _says(entry: Entry, found: ActProof, line: EntryLine, *, is_sound: bool) -> tuple[str, ...]:
    """Say what the proof proves, for somebody who never saw a hash."""
    if not is_sound:
        return (
            _("The record of this node was altered: the hashes do not lead to what was signed."),
        )
    ours = entry.log.direction == "out"
    if not CheckpointRow.objects.filter(log=entry.log, size__gt=entry.idx).exists():
        return (
            _("It stands in our log, durable here; no checkpoint is signed over it yet."),
            _("No receipt covers it yet: that the partner holds it is not proved."),
        )
    said = [
        _("We signed exactly these words, in this place of our log.")
        if ours
        else _("The partner signed exactly these words, in this place of its log."),
        _("Nothing before it can be changed, dropped or moved without showing."),
    ]
    if found.state is ProofState.RECEIPTED and line.received:
        said.append(_("The partner signed that it holds it: it cannot deny having received it."))
    elif found.state is ProofState.HELD:
        said.append(_("We signed that we hold it: we cannot deny having received it."))
    else:
        said.append(_("No receipt covers it yet: that the partner holds it is not proved."))
    refused = refusal_words(entry)
    said += [refused] if refused else []
    said.append(_("It does not prove that what was said is true."))
    return tuple(said)


def _kind(entry: Entry) -> str:
    try:
        return str(_KINDS[Kind(entry.kind)])
    except (KeyError, ValueError):
        return _("unknown")
