"""The request pack: one archive that can be mailed to a partner without a node.

It holds a letter in French, English and Arabic, the workbook in the three languages, the request as
EDXL-RM inside EDXL-DE for those who have a program and as JSON for our own reader, and a manifest with the SHA-256 of every file. The
same request gives the same bytes. What handling does not allow to leave by mail is refused: a pack is
plain text.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.labels import LANGUAGES
from passerelle.kernel.times import format_instant
from passerelle.standards.de import Envelope, Kind, write_envelope
from passerelle.standards.forms.letter import letter_text
from passerelle.standards.forms.request_file import write_request
from passerelle.standards.forms.template import write_template
from passerelle.standards.marks import MarkError, Tlp
from passerelle.standards.rm import write_message
from passerelle.standards.rm.acts import Header, message_of_act
from passerelle.standards.rm.values import ContactRole
from passerelle.standards.xml.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.standards.forms.request import Request
    from passerelle.standards.xml import SchemaFolder

__all__ = ["MAILABLE", "write_pack"]

MAILABLE: Final = frozenset({Tlp.CLEAR, Tlp.GREEN})
"""Marks that may leave in plain text unless the operator's rule says otherwise."""


def write_pack(
    request: Request,
    *,
    entry_id: str,
    node: str,
    mailable: frozenset[Tlp] = MAILABLE,
    schemas: SchemaFolder | None = None,
) -> bytes:
    """Write the pack.

    Parameters
    ----------
    request
        What is asked of whom.
    entry_id
        Id of the log entry of the request; the message's own id.
    node
        Node that sends.
    mailable
        Marks that may leave in plain text.
    schemas
        Folder of published schemas, to check the message once more.

    Returns
    -------
    bytes
        The ZIP archive.

    Raises
    ------
    MarkError
        When the handling does not let it leave in plain text.
    """
    if request.handling.tlp not in mailable:
        raise MarkError(
            "TLP:{tlp} does not leave by plain mail; expected one of {expected}.",
            code="pack.handling",
            tlp=request.handling.tlp,
            expected=", ".join(sorted(mailable)),
        )
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        files[f"letter-{language}.txt"] = letter_text(request, language).encode("utf-8")
        files[f"answer-{language}.xlsx"] = write_template(request, language=language)
    files["request.json"] = write_request(request)
    files["request.xml"] = _message(request, entry_id, node, schemas)
    files["manifest.json"] = canonical_bytes(_manifest(request, entry_id, node, files))
    return _archive(files, request.issued)


def _message(request: Request, entry_id: str, node: str, schemas: SchemaFolder | None) -> bytes:
    header = Header(
        message_id=entry_id,
        originating_id=entry_id,
        sent=request.issued,
        event=request.event,
        event_name=request.event_name,
        contact=f"{request.sender}; {request.contact}",
        role=ContactRole.REQUESTER,
    )
    # The records have the fields of the procedure, each with its own type, hence Any.
    lines: list[dict[str, Any]] = [
        {
            "line": line.line,
            "capability": line.capability,
            "posts": line.posts,
            "present": line.present,
            "people": line.people,
            "places": list(line.places),
            "from": format_instant(line.during.start),
            "to": format_instant(line.during.end),
            **({"task": line.task} if line.task else {}),
        }
        for line in request.lines
    ]
    payload = {
        "reference": request.reference,
        "answer_by": format_instant(request.answer_by),
        "lines": lines,
    }
    message = write_message(message_of_act("request", payload, header), schemas=schemas)
    envelope = Envelope(
        id=entry_id,
        sender=node,
        sent=request.issued,
        expires=max(request.answer_by, request.issued),
        status=request.status,
        kind=Kind.REQUEST,
        payloads=(Fragment(message),),
        handling=request.handling,
        incident_ids=(request.event,),
    )
    return write_envelope(envelope, schemas=schemas)


def _manifest(
    request: Request, entry_id: str, node: str, files: Mapping[str, bytes]
) -> dict[str, Json]:
    return {
        "format": "passerelle-request-pack/1",
        "entry": entry_id,
        "node": node,
        "reference": request.reference,
        "event": request.event,
        "issued": format_instant(request.issued),
        "answer_by": format_instant(request.answer_by),
        "status": request.status.value,
        "tlp": request.handling.tlp.value,
        "files": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }


def _archive(files: Mapping[str, bytes], issued: datetime) -> bytes:
    buffer = io.BytesIO()
    when = issued.timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            part = zipfile.ZipInfo(name, date_time=(when[0], when[1], when[2], when[3], when[4], 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o644 << 16
            archive.writestr(part, content)
    return buffer.getvalue()
