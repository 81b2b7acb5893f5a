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
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from passerelle.exchange._fields import Fields, refuse
from passerelle.exchange.jcs import read_object, write
from passerelle.exchange.names import Origin, is_case, is_hash, is_node, is_office
from passerelle.kernel.times import format_instant, parse_instant

if TYPE_CHECKING:
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
    "entry_id",
    "header_hash",
    "parse_header",
    "signed_payload",
]

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+-]{0,63}", re.ASCII)
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,64}", re.ASCII)
_DATE_OR_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)


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
class Due:
    """Say until when an answer is owed.

    Parameters
    ----------
    value
        Amount, at least 1.
    unit
        ``hours``, ``calendar`` (days) or ``working`` (days).
    calendar
        Name of an agreed calendar; empty for hours and calendar days.
    start
        ``sent``, ``receipt`` or ``confirmed_receipt``.
    """

    value: int
    unit: str
    start: str
    calendar: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.value <= 100_000 or self.unit not in {"hours", "calendar", "working"}:
            raise refuse("due", "1 to 100000 hours, calendar or working days")
        if self.start not in {"sent", "receipt", "confirmed_receipt"}:
            raise refuse("due_from", "sent, receipt or confirmed_receipt")
        if self.calendar and not _CODE.fullmatch(self.calendar):
            raise refuse("due.calendar", "the code of a calendar")


@dataclass(frozen=True, slots=True)
class Handling:
    """Say how the act may be handled.

    Parameters
    ----------
    tlp
        Traffic light: ``clear``, ``green``, ``amber``, ``amber+strict`` or ``red``.
    releasable_to
        Nodes that may see it beside the reader; 64 at most.
    onward
        ``none``, ``consent`` or ``free``.
    purpose
        Code of the purpose, 64 characters at most; may be empty.
    retain_until
        Date or instant; may be empty.
    mark
        National marking: scheme, value and its equivalent; may be empty.
    """

    tlp: str = "amber"
    releasable_to: tuple[str, ...] = ()
    onward: str = "none"
    purpose: str = ""
    retain_until: str = ""
    mark: tuple[str, str, str] | None = None

    def __post_init__(self) -> None:
        if self.tlp not in {"clear", "green", "amber", "amber+strict", "red"}:
            raise refuse("handling.tlp", "clear, green, amber, amber+strict or red")
        if self.onward not in {"none", "consent", "free"}:
            raise refuse("handling.onward", "none, consent or free")
        if len(self.releasable_to) > 64 or not all(map(is_node, self.releasable_to)):
            raise refuse("handling.releasable_to", "at most 64 nodes")
        if self.purpose and not _CODE.fullmatch(self.purpose):
            raise refuse("handling.purpose", "a code of at most 64 characters")
        if self.retain_until and not _DATE_OR_TIME.fullmatch(self.retain_until):
            raise refuse("handling.retain_until", "a date or an instant in UTC")
        if self.mark and not all(0 < len(part) <= 64 for part in self.mark):
            raise refuse("handling.mark", "scheme, value and equivalent of 1 to 64 characters")


@dataclass(frozen=True, slots=True)
class Enc:
    """Hold the entry key sealed to one office.

    Parameters
    ----------
    office
        Whom it is for.
    key
        Id of the office's seal key, 16 hexadecimal digits.
    seal
        HPKE encapsulation and ciphertext, base64url without padding.
    """

    office: str
    key: str
    seal: str

    def __post_init__(self) -> None:
        if not is_office(self.office) or not re.fullmatch(r"[0-9a-f]{16}", self.key):
            raise refuse("body.enc", "an office and a key id")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,4096}", self.seal):
            raise refuse("body.enc.seal", "base64url without padding")


@dataclass(frozen=True, slots=True)
class Body:
    """Describe the body beside the header.

    Parameters
    ----------
    type
        Coarse media type.
    size
        Length of the ciphertext (of the content, when clear).
    ct
        SHA-256 of the bytes of the body.
    commit
        Salted commitment to the content; empty for a clear body.
    enc
        Seals, 16 at most; none means a clear body.
    """

    type: str
    size: int
    ct: str
    commit: str = ""
    enc: tuple[Enc, ...] = ()

    def __post_init__(self) -> None:
        if not _TYPE.fullmatch(self.type):
            raise refuse("body.type", "a media type")
        if not 0 <= self.size <= 1_048_576 or not is_hash(self.ct):
            raise refuse("body.size, body.ct", "a size and a SHA-256")
        if len(self.enc) > 16 or (self.commit and not is_hash(self.commit)):
            raise refuse("body.enc, body.commit", "at most 16 seals and a SHA-256")
        if bool(self.commit) != bool(self.enc):
            raise refuse("body.commit", "a commitment exactly when the body is sealed")


@dataclass(frozen=True, slots=True)
class Attachment:
    """Describe one attachment.

    Parameters
    ----------
    size
        Length of the ciphertext.
    root
        Root over its chunks.
    commit
        Salted commitment to the content.
    policy
        ``with`` (held before the entry is taken) or ``on-demand``.
    """

    size: int
    root: str
    commit: str
    policy: str = "with"

    def __post_init__(self) -> None:
        if self.size < 0 or not is_hash(self.root) or not is_hash(self.commit):
            raise refuse("att", "a size, a root and a commitment")
        if self.policy not in {"with", "on-demand"}:
            raise refuse("att.policy", "with or on-demand")


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
        if any(not _CODE.fullmatch(name) or len(write(v)) > 8192 for name, v in self.ext):
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
            "handling": _handling_object(self.handling),
        }
        if self.due:
            due: dict[str, Json] = {"value": self.due.value, "unit": self.due.unit}
            if self.due.calendar:
                due["calendar"] = self.due.calendar
            found["due"] = due
            found["due_from"] = self.due.start
        if self.body:
            found["body"] = _body_object(self.body)
        rest: dict[str, Json] = {
            "re": list(self.re),
            "supersedes": list(self.supersedes),
            "att": [
                {"size": a.size, "root": a.root, "commit": a.commit, "policy": a.policy}
                for a in self.att
            ],
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
    top = Fields(read_object(data), "header")
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
        handling=_parse_handling(top.object("handling")),
        re=top.texts("re"),
        supersedes=top.texts("supersedes"),
        due=_parse_due(top),
        body=_parse_body(top.object("body")) if top.has("body") else None,
        att=tuple(_parse_attachment(item) for item in top.objects("att")),
        officer=tuple(_parse_officer(item) for item in top.objects("officer")),
        crit=top.texts("crit"),
        ext=tuple(sorted(top.mapping("ext").items())),
    )
    top.finish()
    if header.encode() != data:
        raise refuse("header", "fields that hold nothing to be absent")
    return header


def entry_id(header: bytes) -> str:
    """Return the id of an entry: SHA-256 of its header bytes; not the leaf hash."""
    return hashlib.sha256(header).hexdigest()


def header_hash(header: Header) -> str:
    """Return the hash that a seal is bound to: the header without ``body.enc``."""
    found = header.to_object()
    if header.body:
        found["body"] = _body_object(header.body, with_enc=False)
    return hashlib.sha256(write(found)).hexdigest()


def signed_payload(header: Header) -> bytes:
    """Return what officers sign: the header without ``index``, ``officer`` and ``body.enc``."""
    found = header.to_object()
    found.pop("index")
    found.pop("officer", None)
    if header.body:
        found["body"] = _body_object(header.body, with_enc=False)
    return write(found)


def _handling_object(handling: Handling) -> dict[str, Json]:
    found: dict[str, Json] = {"tlp": handling.tlp, "onward": handling.onward}
    if handling.releasable_to:
        found["releasable_to"] = list(handling.releasable_to)
    if handling.purpose:
        found["purpose"] = handling.purpose
    if handling.retain_until:
        found["retain_until"] = handling.retain_until
    if handling.mark:
        scheme, value, equivalent = handling.mark
        found["mark"] = {"scheme": scheme, "value": value, "equivalent": equivalent}
    return found


def _body_object(body: Body, *, with_enc: bool = True) -> dict[str, Json]:
    found: dict[str, Json] = {"type": body.type, "size": body.size, "ct": body.ct}
    if body.commit:
        found["commit"] = body.commit
    if body.enc and with_enc:
        found["enc"] = [{"office": e.office, "key": e.key, "seal": e.seal} for e in body.enc]
    return found


def _parse_handling(fields: Fields) -> Handling:
    mark = fields.object("mark") if fields.has("mark") else None
    found = Handling(
        tlp=fields.text("tlp"),
        onward=fields.text("onward"),
        releasable_to=fields.texts("releasable_to"),
        purpose=fields.text("purpose", ""),
        retain_until=fields.text("retain_until", ""),
        mark=(mark.text("scheme"), mark.text("value"), mark.text("equivalent")) if mark else None,
    )
    if mark:
        mark.finish()
    fields.finish()
    return found


def _parse_due(top: Fields) -> Due | None:
    if not top.has("due"):
        return None
    fields = top.object("due")
    found = Due(
        value=fields.integer("value"),
        unit=fields.text("unit"),
        start=top.text("due_from"),
        calendar=fields.text("calendar", ""),
    )
    fields.finish()
    return found


def _parse_body(fields: Fields) -> Body:
    found = Body(
        type=fields.text("type"),
        size=fields.integer("size"),
        ct=fields.text("ct"),
        commit=fields.text("commit", ""),
        enc=tuple(_parse_enc(item) for item in fields.objects("enc")),
    )
    fields.finish()
    return found


def _parse_enc(fields: Fields) -> Enc:
    found = Enc(fields.text("office"), fields.text("key"), fields.text("seal"))
    fields.finish()
    return found


def _parse_attachment(fields: Fields) -> Attachment:
    found = Attachment(
        fields.integer("size"), fields.text("root"), fields.text("commit"), fields.text("policy")
    )
    fields.finish()
    return found


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
