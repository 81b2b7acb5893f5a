"""The envelope as a value.

EDXL-DE 2.0 (OASIS Committee Specification 02, 2013) carries what EDXL-RM cannot say: whether it is
meant, how it is handled, to whom it goes, until when it is valid. It has no signature: the envelope
is a view of our record, and the proof is the record.

Handling travels as keywords of lists of ours, since the format knows only Unclassified and
Classified. Classified papers are refused on the way in: above the accredited level they are only
referenced (domain, section 7).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.standards.marks import Handling, Status
    from passerelle.standards.xml.fragment import Fragment

__all__ = [
    "ADDRESS_SCHEME",
    "KEYWORDS",
    "KIND_OF_ENTRY",
    "NS_CT",
    "NS_DE",
    "NS_EXT",
    "NS_XLINK",
    "Attachment",
    "Envelope",
    "Extension",
    "Kind",
]

NS_DE: Final = "urn:oasis:names:tc:emergency:EDXL:DE:2.0"
NS_CT: Final = "urn:oasis:names:tc:emergency:edxl:ct:1.0"
NS_EXT: Final = "urn:oasis:names:tc:emergency:edxl:extension:1.0"
NS_XLINK: Final = "http://www.w3.org/1999/xlink"
ADDRESS_SCHEME: Final = "urn:passerelle:node"
KEYWORDS: Final = {
    "tlp": "urn:passerelle:tlp:2",
    "marks": "urn:passerelle:mark:1",
    "releasable_to": "urn:passerelle:releasable-to:1",
    "onward": "urn:passerelle:onward:1",
}
"""Keyword lists that carry the handling."""


class Kind(StrEnum):
    """What an envelope is for (distributionKind); sensor kinds are not used."""

    REPORT = "Report"
    UPDATE = "Update"
    CANCEL = "Cancel"
    REQUEST = "Request"
    RESPONSE = "Response"
    DISPATCH = "Dispatch"
    ACK = "Ack"
    ERROR = "Error"


KIND_OF_ENTRY: Final = {
    "request": Kind.REQUEST,
    "offer": Kind.RESPONSE,
    "accept": Kind.RESPONSE,
    "refuse": Kind.RESPONSE,
    "commitment": Kind.RESPONSE,
    "report": Kind.REPORT,
    "extend": Kind.REQUEST,
    "withdraw": Kind.CANCEL,
    "acknowledge": Kind.ACK,
}
"""Kind by the kind of our log entry. An entry that supersedes another goes as Update, an order as
Dispatch, a refusal for form as Error."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Carry parameters of a community.

    Parameters
    ----------
    community, id
        Names of the community and of the extension, as URI.
    parameters
        Name (URI) and values of each parameter.
    """

    community: str
    id: str
    parameters: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Carry a file.

    Parameters
    ----------
    media_type
        Media type, for example ``application/pdf``.
    content
        The bytes.
    """

    media_type: str
    content: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold one distribution.

    Parameters
    ----------
    id, sender
        Entry id, and ``<office>@<node>``.
    sent, expires
        When it was sent, until when it is valid.
    status
        Whether it is meant.
    kind
        What it is for.
    payloads
        The XML messages, one element each.
    attachments
        Files.
    handling
        Marks; ``None`` when a foreign envelope carries none that we know.
    language
        Language of the contents, for example ``fr``.
    recipients
        Node ids.
    keywords
        Further keyword lists: name and values.
    incident_ids, incidents
        The event, by id and in words.
    urgency, severity, certainty
        As in CAP; empty when absent.
    extensions
        Further parameters, on the distribution itself.
    is_system
        Whether it is a notice of the machinery.
    unread
        Elements of the descriptor that we do not take apart (roles, areas, links), kept whole.
    """

    id: str
    sender: str
    sent: datetime
    expires: datetime
    status: Status
    kind: Kind
    payloads: tuple[Fragment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    handling: Handling | None = None
    language: str = ""
    recipients: tuple[str, ...] = ()
    keywords: tuple[tuple[str, tuple[str, ...]], ...] = ()
    incident_ids: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    extensions: tuple[Extension, ...] = ()
    is_system: bool = False
    unread: tuple[Fragment, ...] = ()

    def __post_init__(self) -> None:
        if self.expires < self.sent:
            raise ValueError(f"Expected expires >= sent, got {self.expires} < {self.sent}.")
