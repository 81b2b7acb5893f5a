import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.factories.forms import OFFER, REQUEST, filled

from passerelle.standards.de import read_envelope
from passerelle.standards.forms import Form, read_workbook
from passerelle.standards.forms.letter import letter_text
from passerelle.standards.forms.pack import write_pack
from passerelle.standards.forms.request_file import read_request, write_request
from passerelle.standards.marks import Handling, MarkError, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.rm import read_message
from passerelle.standards.rm.drafts import draft_of_message
from passerelle.standards.xml import SchemaFolder

ENTRY = "e" * 64


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_pack_holds_letters_workbooks_message_and_a_true_manifest() -> None:
    files = parts(write_pack(REQUEST, entry_id=ENTRY, node="fr.example"))

    assert set(files) == {
        *(f"letter-{language}.txt" for language in ("fr", "en", "ar")),
        *(f"answer-{language}.xlsx" for language in ("fr", "en", "ar")),
        "request.json",
        "request.xml",
        "manifest.json",
    }
    manifest = json.loads(files.pop("manifest.json"))
    assert {part["name"]: part["sha256"] for part in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert (manifest["reference"], manifest["answer_by"]) == ("FR-2024-017", "2024-04-30T16:00:00Z")


def test_the_request_in_the_pack_is_read_back_the_same() -> None:
    files = parts(write_pack(REQUEST, entry_id=ENTRY, node="fr.example"))

    assert read_request(files["request.json"], name="request.json") == REQUEST


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"passerelle-request/1", b"passerelle-request/9"),
        (b'"people":10', b'"people":"ten"'),
        (b"Europe/Paris", b"Mars/Base"),
        (b'"CLEAR"', b'"GREY"'),
        (b'"lines":[', b'"lines":[1,'),
    ],
)
def test_a_request_that_is_none_is_refused(old: bytes, new: bytes) -> None:
    content = write_request(REQUEST)
    assert old in content

    with pytest.raises(FormatError):
        read_request(content.replace(old, new), name="request.json")


@pytest.mark.shared
def test_the_message_of_the_pack_is_valid_and_whole(shared: Path) -> None:
    schemas = SchemaFolder(shared / "standards")
    pack = write_pack(REQUEST, entry_id=ENTRY, node="fr.example", schemas=schemas)

    envelope = read_envelope(parts(pack)["request.xml"], schemas=schemas)
    message = read_message(envelope.payloads[0].xml, schemas=schemas).message
    draft = draft_of_message(message)

    assert draft is not None
    assert draft.act == "request"
    assert draft.payload["reference"] == "FR-2024-017"
    assert message.lines[0].id == "L1"


def test_the_workbook_of_the_pack_can_be_answered() -> None:
    assert read_workbook(filled({Form.OFFERS: [OFFER]}), REQUEST, name="a.xlsx").offers


def test_the_same_request_gives_the_same_pack() -> None:
    one = write_pack(REQUEST, entry_id=ENTRY, node="fr.example")

    assert one == write_pack(REQUEST, entry_id=ENTRY, node="fr.example")


def test_what_handling_keeps_does_not_leave_by_mail() -> None:
    kept = replace(REQUEST, handling=Handling(tlp=Tlp.AMBER))

    with pytest.raises(MarkError, match="TLP:AMBER does not leave by plain mail"):
        write_pack(kept, entry_id=ENTRY, node="fr.example")


def test_an_exercise_is_marked_in_every_letter_and_in_the_envelope() -> None:
    files = parts(
        write_pack(replace(REQUEST, status=Status.EXERCISE), entry_id=ENTRY, node="fr.example")
    )

    assert read_envelope(files["request.xml"]).status is Status.EXERCISE
    assert files["letter-fr.txt"].decode("utf-8").startswith("EXERCICE · ")
    assert files["letter-ar.txt"].decode("utf-8").startswith("تمرين · ")


def test_the_letter_names_lines_places_and_dates() -> None:
    letter = letter_text(REQUEST, "en")

    assert "- L1: bomb disposal — 10 people (2 posts), STE, from 2024-07-20 08:00" in letter
    assert "An answer is expected by 2024-04-30 18:00 (Europe/Paris)." in letter


def test_codes_are_isolated_in_the_arabic_letter() -> None:
    assert "\u2066FR-2024-017\u2069" in letter_text(REQUEST, "ar")
