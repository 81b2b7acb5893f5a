from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.standards.de import (
    Attachment,
    Envelope,
    Extension,
    Kind,
    read_envelope,
    write_envelope,
)
from passerelle.standards.marks import Handling, MarkError, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.rm import MessageType, read_message
from passerelle.standards.xml import SchemaFolder
from passerelle.standards.xml.fragment import Fragment

ENVELOPE = Envelope(
    id="a" * 64,
    sender="cooperation@fr.example",
    sent=datetime(2024, 1, 22, 9, tzinfo=UTC),
    expires=datetime(2024, 4, 30, 22, tzinfo=UTC),
    status=Status.EXERCISE,
    kind=Kind.REQUEST,
    payloads=(Fragment(b'<x:a xmlns:x="urn:x">one</x:a>'),),
    attachments=(Attachment("application/pdf", b"%PDF-synthetic"),),
    handling=Handling(tlp=Tlp.AMBER_STRICT, marks=("H2",), releasable_to=("ma.example",)),
    language="fr",
    recipients=("ma.example",),
    keywords=(("urn:x:list", ("a", "b")),),
    incident_ids=("paris-2024",),
    urgency="Expected",
    extensions=(
        Extension("urn:passerelle:de:1", "urn:passerelle:proof:1", (("urn:root", ("00",)),)),
    ),
)


@pytest.mark.shared
def test_an_envelope_is_valid_and_read_back_the_same(shared: Path) -> None:
    schemas = SchemaFolder(shared / "standards")

    content = write_envelope(ENVELOPE, schemas=schemas)

    assert read_envelope(content, schemas=schemas) == ENVELOPE
    assert b"<distributionStatus>Exercise<" in content
    assert b"AMBER+STRICT" in content


@pytest.mark.shared
def test_the_shared_sample_is_opened_and_its_message_read(shared: Path) -> None:
    schemas = SchemaFolder(shared / "standards")
    sample = shared / "standards/edxl-de-2.0/samples/request-resource-in-de.xml"

    envelope = read_envelope(sample.read_bytes(), schemas=schemas)
    (payload,) = envelope.payloads
    received = read_message(payload.xml, schemas=schemas)

    assert (envelope.status, envelope.kind, envelope.handling) == (
        Status.EXERCISE,
        Kind.REQUEST,
        None,
    )
    assert received.message.type is MessageType.REQUEST_RESOURCE


def test_nothing_leaves_without_handling() -> None:
    with pytest.raises(MarkError, match="Expected handling marks"):
        write_envelope(replace(ENVELOPE, handling=None))


def test_an_exercise_notice_that_the_format_cannot_mark_does_not_leave() -> None:
    with pytest.raises(MarkError, match="cannot mark a exercise notice"):
        write_envelope(replace(ENVELOPE, is_system=True))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_survives(status: Status) -> None:
    envelope = replace(ENVELOPE, status=status)

    assert read_envelope(write_envelope(envelope)).status is status


@pytest.mark.parametrize("bad", ["", "x" * 1024, "two  spaces", " lead", "line\nbreak"])
def test_a_text_that_is_no_token_is_refused(bad: str) -> None:
    with pytest.raises(FormatError, match="tokens of 1 to 1,023"):
        write_envelope(replace(ENVELOPE, sender=bad))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2024-01-22T09:00:00+00:00", "2024-01-22T09:00:00Z", "de.instant"),
        ("2024-01-22T09:00:00+00:00", "2024-01-22T09:00:00,00:00", "de.instant"),
        ("2024-01-22T09:00:00+00:00", "2024-01-22T09:00:00.5+00:00", "de.instant"),
        ("2024-04-30T22:00:00+00:00", "2023-04-30T22:00:00+00:00", "de.expires"),
        (">Exercise<", ">NoAppropriateDefault<", "de.value"),
        (">Exercise<", ">Unknown<", "de.value"),
        (">Request<", ">SensorControl<", "de.value"),
        (">Unclassified<", ">Classified<", "de.classified"),
        (">AMBER+STRICT<", ">AMBRE<", "de.handling"),
        (">Expected<", ">Soon<", "de.value"),
        ("distributionID", "DistributionID", "de.head"),
        ("edxlDistribution", "EDXLDistribution", "de.root"),
        ("<size>14<", "<size>15<", "de.size"),
        ("<descriptor ", "<other/><descriptor ", "de.unknown-element"),
        ('<x:a xmlns:x="urn:x">one</x:a>', "", "de.content"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, code: str) -> None:
    content = write_envelope(ENVELOPE).decode("utf-8")
    assert old in content

    with pytest.raises(FormatError) as caught:
        read_envelope(content.replace(old, new).encode("utf-8"))

    assert code in {issue.code for issue in caught.value.issues}


def test_an_attachment_that_was_changed_is_noticed() -> None:
    content = write_envelope(ENVELOPE).replace(b"JVBER", b"JVBES")

    with pytest.raises(FormatError, match="SHA-256 of the content"):
        read_envelope(content)


def test_parts_that_are_not_taken_apart_are_kept() -> None:
    role = (
        b"<senderRole><ct:ValueListURI>urn:r</ct:ValueListURI><ct:Value>x</ct:Value></senderRole>"
    )
    content = write_envelope(ENVELOPE).replace(b"<keyword>", role + b"<keyword>", 1)

    envelope = read_envelope(content)

    assert len(envelope.unread) == 1
    assert read_envelope(write_envelope(envelope)) == envelope
