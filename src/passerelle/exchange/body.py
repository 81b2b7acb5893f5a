"""What stands beside a header: the sealed body, its seals, and attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange._fields import refuse
from passerelle.exchange.names import is_hash, is_office

if TYPE_CHECKING:
    from passerelle.exchange._fields import Fields
    from passerelle.kernel.canonical import Json

__all__ = ["Attachment", "Body", "Enc", "parse_attachment", "parse_body"]

_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,64}", re.ASCII)


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

    def to_object(self, *, with_enc: bool = True) -> dict[str, Json]:
        """Return the JSON object, for officers and seals without ``enc``."""
        found: dict[str, Json] = {"type": self.type, "size": self.size, "ct": self.ct}
        if self.commit:
            found["commit"] = self.commit
        if self.enc and with_enc:
            found["enc"] = [{"office": e.office, "key": e.key, "seal": e.seal} for e in self.enc]
        return found


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

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {"size": self.size, "root": self.root, "commit": self.commit, "policy": self.policy}


def parse_body(fields: Fields) -> Body:
    """Read the field ``body``."""
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


def parse_attachment(fields: Fields) -> Attachment:
    """Read one of the field ``att``."""
    found = Attachment(
        fields.integer("size"), fields.text("root"), fields.text("commit"), fields.text("policy")
    )
    fields.finish()
    return found
