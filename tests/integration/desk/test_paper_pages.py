"""A partner without a node on the desk: pack, upload with faults by cell, preview, taken in on its behalf."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.dossiers import offer, request
from tests.factories.played import YEAR, Play
from tests.integration.node.test_paper_partners import CLOCK, dated

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.dossiers import domain, packs
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange import station
from passerelle.node.national.models import NationalEntry
from passerelle.standards.forms import write_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client


@pytest.fixture
def case(db: None, tmp_path: Path) -> Iterator[str]:
    play = Play(tmp_path, CLOCK)
    with station.entered(play.station):
        play.begin()
        domain.agree_corridor("fr-es", "es.paper", "FR", "ES", actor=COMMAND_LINE, clock=CLOCK)
        found = domain.open_case(
            "es.paper", "reinforcement", "request", dated(request()), "directorate",
            actor=COMMAND_LINE, clock=CLOCK, event="paris-2024",
        )  # fmt: skip
        assert isinstance(found, str)
        yield found


def workbook(case: str, **cells: object) -> bytes:
    """Fill the first offer row of the template in; ``cells`` override by field name."""
    content = write_template(packs.request_of(case), language="en")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["offers"]
    names = {cell.value: cell.column for cell in sheet[2] if cell.value}
    values: dict[str, Any] = {
        key: value for key, value in dated(offer()).items() if key in names and key != "places"
    }
    values |= {"places": "STE", "from": f"{YEAR}-07-24 02:00", "to": f"{YEAR}-08-02 02:00"}
    values |= {"valid_until": f"{YEAR}-05-15 18:00"} | cells
    for name, value in values.items():
        sheet.cell(4, names[name]).value = value
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def upload(client: Client, case: str, content: bytes) -> Any:
    file = SimpleUploadedFile("answer.xlsx", content, "application/zip")
    return client.post(f"/dossiers/{case}/answer", {"file": file})


def english(client: Client) -> Client:
    client.cookies["passerelle_language"] = "en"
    return client


def test_faults_come_back_by_cell_and_nothing_is_kept(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))
    before = NationalEntry.objects.count()

    answer = upload(client, case, workbook(case, valid_until="03/04/2027", people="ten"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert len(re.findall(r"offers![A-Z]+4", text)) == 2
    assert "03/04/2027" in text
    assert NationalEntry.objects.count() == before


def test_a_good_answer_is_shown_and_then_said_on_behalf(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))

    shown = upload(client, case, workbook(case))
    held = re.search(r'name="held" value="([^"]+)"', shown.content.decode())
    assert held, shown.content.decode()
    assert Dossier.objects.get(case=case).state == "requested"
    forged = client.post(f"/dossiers/{case}/answer", {"held": held[1][:-3] + "abc"})
    said = client.post(f"/dossiers/{case}/answer", {"held": held[1]})

    assert (shown.status_code, forged.status_code, said.status_code) == (200, 422, 302)
    assert Dossier.objects.get(case=case).state == "offered"
    page = client.get(f"/dossiers/{case}").content.decode()
    assert "the partner has signed nothing" in page


def test_what_the_procedure_refuses_is_said_before_anything_is_taken_in(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))

    answer = upload(client, case, workbook(case, people=4, present=4, posts=2))

    assert answer.status_code == 422
    assert 'name="held"' not in answer.content.decode()


def test_the_pack_leaves_only_as_its_mark_allows(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))
    is_strict = packs.request_of(case).handling.is_private

    plain = client.post(f"/dossiers/{case}/pack")
    taken = client.post(f"/dossiers/{case}/pack", {"allows": "yes"})

    assert plain.status_code == (422 if is_strict else 200)
    names = zipfile.ZipFile(io.BytesIO(taken.content)).namelist()
    assert {"answer-ar.xlsx", "letter-fr.txt", "request.xml", "manifest.json"} <= set(names)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_stand_in_the_other_languages(
    case: str, signed_in: Callable[..., Client], language: str
) -> None:
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = language

    for part in ("pack", "form", "answer", "edxl"):
        answer = client.get(f"/dossiers/{case}/{part}")
        assert answer.status_code == 200, part
        assert f'lang="{language}"' in answer.content.decode()


def test_a_message_goes_out_and_comes_back_as_a_draft(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))
    page = client.get(f"/dossiers/{case}/edxl").content.decode()
    link = re.search(rf"/dossiers/{case}/edxl/[0-9a-f]+\.xml", page)
    assert link

    content = client.get(link[0]).content
    file = SimpleUploadedFile("request.xml", content, "application/xml")
    back = client.post(f"/dossiers/{case}/edxl", {"file": file})
    broken = SimpleUploadedFile("bad.xml", content.replace(b"MessageID>", b"MessageX>"))
    refused = client.post(f"/dossiers/{case}/edxl", {"file": broken})

    assert "RequestResource" in back.content.decode()
    assert refused.status_code == 422
    assert signed_in("operator").get(link[0]).status_code == 403
