"""The exact copy of what was sent about a person, for the person and their lawyer (S22).

It holds the bytes that the partner opens, and with the salt what the signed header commits to: whoever has the
copy and the proof of the sending can show that nothing else was sent, without this node.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from passerelle.exchange.header import parse_header
from passerelle.exchange.seal import commitment
from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.casework.access import log_reading, require_reading
from passerelle.node.dossiers.folding import hear
from passerelle.node.exchange import content
from passerelle.node.exchange.models import Entry
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor

__all__ = ["ExactCopy", "exact_copies", "payload_digest"]


@dataclass(frozen=True, slots=True)
class ExactCopy:
    """Hold what was sent, byte for byte.

    Parameters
    ----------
    entry_id
        The entry of the log, as receipts and packs name it.
    recipient
        Node and office that can open it.
    sent_at
        When it was released; ``issued`` of the header.
    body
        The bytes of the act as sealed.
    envelope
        The part that tells of the person.
    digest
        Digest of the envelope: the one in the notice to the person.
    salt, commit
        With the body they give what the signed header commits to.
    """

    entry_id: str
    recipient: str
    sent_at: str
    body: bytes
    envelope: Mapping[str, Json]
    digest: str
    salt: str
    commit: str

    @property
    def is_what_was_signed(self) -> bool:
        """Whether the header commits to exactly these bytes."""
        salt = base64.urlsafe_b64decode(self.salt + "=" * (-len(self.salt) % 4))
        return commitment(salt, self.body) == self.commit

    def to_json(self) -> dict[str, Json]:
        """Return the copy as plain data."""
        return {
            "entry": self.entry_id,
            "recipient": self.recipient,
            "sent_at": self.sent_at,
            "body": self.body.decode("utf-8"),
            "envelope": dict(self.envelope),
            "digest": self.digest,
            "salt": self.salt,
            "commit": self.commit,
        }


def payload_digest(envelope: Mapping[str, Json]) -> str:
    """Return the digest that the notice to the person must name, before anything is sent."""
    return digest(dict(envelope))


@transaction.atomic
def exact_copies(case: str, *, actor: Actor, clock: Clock) -> tuple[ExactCopy, ...]:
    """Return the exact copy of every envelope sent in a file; the reading is logged.

    Raises
    ------
    RefusedError
        When the reader is not designated for the file.
    """
    require_reading(case, actor, clock.now())
    log_reading(case, actor, clock, why="exact copy for the person", action="copy")
    node = station()
    found = []
    for act in hear(case).acts:
        envelope: Any = act.payload.get("envelope")  # checked by the schema: a record
        if envelope is None or act.sub:
            continue
        entry = Entry.objects.select_related("body", "log").get(entry_id=act.id)
        header = parse_header(bytes(entry.header))
        plain, _ = content.open_body(node, entry, header)
        key = content.entry_key(node, entry, header)
        if plain is None or key is None or header.body is None:
            continue
        salt = base64.urlsafe_b64encode(key.derive("body-salt")).rstrip(b"=").decode()
        found.append(
            ExactCopy(
                entry_id=act.id,
                recipient=f"{entry.log.peer_id}/{header.to_office}",
                sent_at=act.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
                body=plain,
                envelope=dict(envelope),
                digest=digest(dict(envelope)),
                salt=salt,
                commit=header.body.commit or "",
            )
        )
    if any(canonical_bytes(dict(one.envelope)) not in one.body for one in found):
        raise RefusedError("The copy is not what was sent.", code="cases.other-copy")
    return tuple(found)
