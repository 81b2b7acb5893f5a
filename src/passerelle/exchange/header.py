"""The entry header: what both states hold, hash and sign of every act.

A header is canonical JSON of at most 64 KiB. It says who wrote to whom, where the entry stands,
what it answers, how it may be handled, and commits to content that it does not show. Kinds are
coarse on purpose; the procedure and the act are named inside the sealed body.

Every field is present or absent by one rule: fields that hold nothing are absent. Unknown
top-level fields are refused; new ones go into ``ext``, and into ``crit`` when a reader must
understand them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from passerelle.exchange._fields import Fields, refuse
from passerelle.exchange.body import Attachment, Body, Enc, parse_attachment, parse_body
from passerelle.exchange.handling import CODE, Due, Handling, parse_due, parse_handling
from passerelle.exchange.jcs import read_object, write
from passerelle.exchange.names import Origin, is_case, is_hash, is_office
from passerelle.kernel.times import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.kernel.canonical import Json

__all__ = [
    "Attachment",
    "Body",
    "Due",
    "Enc",
    "Handling",
    "Header",
    "Kind",
    "Status",
    "encode_sealed",
    "entry_id",
    "header_hash",
    "parse_header",
    "signed_payload",
]


class Kind(Enum):
    """Say coarsely what an act is."""

    REQUEST = "request"
    OFFER = "offer"
    COMMITMENT = "commitment"
    REPORT = "report"
    CASE_REQUEST = "case.request"
    CASE_UPDATE = "case.update"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    REFUSE = "refuse"
    FULFIL = "fulfil"
    WITHDRAW = "withdraw"
    EXTEND = "extend"
    NOTICE_KEY = "notice.key"
    NOTICE_EPOCH = "notice.epoch"
    NOTICE_ERASURE = "notice.erasure"
    NOTICE_SUSPEND = "notice.suspend"


class Status(Enum):
    """Say whether the act is meant; an answer repeats the value of what it answers."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Header:
    """Say everything about an entry that both sides may see for ever.

    Parameters
    ----------
    origin, index
        Log and position.
    from_office, to_office
        Offices of the writer and of the reader.
    kind, status
        What it is, and whether it is meant.
    case
        Dossier id.
    issued
        The writer's clock; shown, never used to order.
    seen
        Size of the reverse log held and receipted when the officers signed.
    handling
        How it may be handled.
    re, supersedes
        Entry ids that it answers and that it replaces; 32 each at most.
    due
        Deadline for an answer.
    body, att
        Content.
    officer
        DSSE signatures: (office, key id, signature in base64url).
    crit, ext
        Names that must be understood, and extensions.
    """

    origin: Origin
    index: int
    from_office: str
    to_office: str
    kind: Kind
    status: Status
    case: str
    issued: datetime
    seen: int
    handling: Handling
    re: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    due: Due | None = None
    body: Body | None = None
    att: tuple[Attachment, ...] = ()
    officer: tuple[tuple[str, str, str], ...] = ()
    crit: tuple[str, ...] = ()
    ext: tuple[tuple[str, Json], ...] = ()

    def __post_init__(self) -> None:
        if self.index < 0 or self.seen < 0:
            raise refuse("index, seen", "numbers from 0")
        if not is_office(self.from_office) or not is_office(self.to_office):
            raise refuse("from_office, to_office", "offices")
        if not is_case(self.case):
            raise refuse("case", "128 bits in hexadecimal")
        for name, ids in (("re", self.re), ("supersedes", self.supersedes)):
            if len(ids) > 32 or not all(map(is_hash, ids)) or len(set(ids)) != len(ids):
                raise refuse(name, "at most 32 different entry ids")
        if len(self.att) > 32 or len(self.officer) > 32:
            raise refuse("att, officer", "at most 32 each")
        known = {name for name, _ in self.ext}
        if len(self.crit) > 32 or not set(self.crit) <= known or len(known) != len(self.ext):
            raise refuse("crit", "names of extensions that are present")
        if any(not CODE.fullmatch(name) or len(write(v)) > 8192 for name, v in self.ext):
            raise refuse("ext", "coded names and values of at most 8 KiB")

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object; fields that hold nothing are absent."""
        found: dict[str, Json] = {
            "v": 1,
            "origin": str(self.origin),
            "index": self.index,
            "from": self.origin.writer,
            "to": self.origin.reader,
            "from_office": self.from_office,
            "to_office": self.to_office,
            "kind": self.kind.value,
            "status": self.status.value,
            "case": self.case,
            "issued": format_instant(self.issued),
            "seen": self.seen,
            "handling": self.handling.to_object(),
        }
        if self.due:
            found["due"] = self.due.to_object()
            found["due_from"] = self.due.start
        if self.body:
            found["body"] = self.body.to_object()
        rest: dict[str, Json] = {
            "re": list(self.re),
            "supersedes": list(self.supersedes),
            "att": [item.to_object() for item in self.att],
            "officer": [{"office": o, "key": k, "sig": s} for o, k, s in self.officer],
            "crit": list(self.crit),
            "ext": dict(self.ext),
        }
        return found | {name: value for name, value in rest.items() if value}

    def encode(self) -> bytes:
        """Write the header as it is hashed and sent."""
        return write(self.to_object())


def parse_header(data: bytes) -> Header:
    """Read a header with all its limits.

    Raises
    ------
    LimitError
        When it is too long, too deep or has too many keys.
    FrameError
        When a field is unknown, missing or out of range.
    """
    found = read_object(data)
    top = Fields(found, "header")
    if top.integer("v") != 1:
        raise refuse("v", "1")
    origin = Origin.parse(top.text("origin"))
    if (top.text("from"), top.text("to")) != (origin.writer, origin.reader):
        raise refuse("from, to", "the nodes of the origin")
    header = Header(
        origin=origin,
        index=top.integer("index"),
        from_office=top.text("from_office"),
        to_office=top.text("to_office"),
        kind=top.choice("kind", Kind),
        status=top.choice("status", Status),
        case=top.text("case"),
        issued=_instant(top.text("issued")),
        seen=top.integer("seen"),
        handling=parse_handling(top.object("handling")),
        re=top.texts("re"),
        supersedes=top.texts("supersedes"),
        due=parse_due(top),
        body=parse_body(top.object("body")) if top.has("body") else None,
        att=tuple(parse_attachment(item) for item in top.objects("att")),
        officer=tuple(_parse_officer(item) for item in top.objects("officer")),
        crit=top.texts("crit"),
        ext=tuple(sorted(top.mapping("ext").items())),
    )
    top.finish()
    if header.to_object() != found:  # as bytes: what was read is canonical
        raise refuse("header", "fields that hold nothing to be absent")
    return header


def entry_id(header: bytes) -> str:
    """Return the id of an entry: SHA-256 of its header bytes; not the leaf hash."""
    return hashlib.sha256(header).hexdigest()


def header_hash(header: Header) -> str:
    """Return the hash that a seal is bound to: the header without ``body.enc``."""
    found = header.to_object()
    if header.body:
        found["body"] = header.body.to_object(with_enc=False)
    return hashlib.sha256(write(found)).hexdigest()


def encode_sealed(header: Header, seal: Callable[[str], tuple[Enc, ...]]) -> bytes:
    """Write a header whose seals are bound to its own hash.

    Parameters
    ----------
    header
        With a sealed body; the seals that it has are left out.
    seal
        Makes the seals, given what :func:`header_hash` returns.
    """
    assert header.body is not None
    found = header.to_object()
    found["body"] = header.body.to_object(with_enc=False)
    seals = seal(hashlib.sha256(write(found)).hexdigest())
    found["body"] = replace(header.body, enc=seals).to_object()
    return write(found)


def signed_payload(header: Header) -> bytes:
    """Return what officers sign: the header without ``index``, ``officer`` and ``body.enc``."""
    found = header.to_object()
    found.pop("index")
    found.pop("officer", None)
    if header.body:
        found["body"] = header.body.to_object(with_enc=False)
    return write(found)


def _parse_officer(fields: Fields) -> tuple[str, str, str]:
    found = fields.text("office"), fields.text("key"), fields.text("sig")
    fields.finish()
    return found


def _instant(text: str) -> datetime:
    try:
        instant = parse_instant(text)
        if format_instant(instant) == text:
            return instant
    except ValueError:
        pass
    raise refuse("issued", "an instant YYYY-MM-DDTHH:MM:SSZ")
