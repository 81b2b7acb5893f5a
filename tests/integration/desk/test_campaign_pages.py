"""The pages of a campaign and of offers: shown before signed, constant in queries, in three languages."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.node import add_event
from tests.factories.nodes import host_with_peers

from passerelle.kernel.clock import SystemClock
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange.models import Entry
from passerelle.node.jobs.enums import JobKind
from passerelle.node.jobs.worker import Worker
from passerelle.node.reinforcement.models import DraftLine
from passerelle.node.reinforcement.posting import CampaignHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from passerelle.kernel.clock import FixedClock

CODE = "small-cup"
NOW = SystemClock()
FORM = {
    "title": "First wave",
    "basis": "nobody",
    "answer_by": f"{NOW.now() + timedelta(days=20):%Y-%m-%dT%H:%M}",
    "issuing_authority": "Ministry of the Interior, France",
    "signatory": "Head of the cooperation directorate",
    "legal_basis": "Agreements on police cooperation",
    "contact_24_7": "+33 1 00 00 00 00",
    "tlp": "AMBER",
    "languages": "fr ar",
    "peers": ["ma", "es"],
}


@pytest.fixture
def partners(db: None, tmp_path: Path, clock: FixedClock) -> Iterator[None]:
    with host_with_peers(tmp_path / "nodes", ("MA", "ES")):
        add_event(tmp_path, clock)
        yield


def work() -> None:
    """Do the jobs that wait, as the worker of the node does."""
    handlers = {JobKind.CAMPAIGN: CampaignHandler(NOW)}
    Worker("w", handlers, 30, NOW, threading.Event()).run(until_idle=True)


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.mark.usefixtures("partners")
def test_a_campaign_is_drafted_edited_checked_and_sent_from_the_pages(
    signed_in: Callable[..., Client],
) -> None:
    client = signed_in("cooperation")
    drafted = client.post(f"/e/{CODE}/campaigns/new", FORM)
    assert drafted["Location"] == f"/e/{CODE}/campaigns/1"
    line = DraftLine.objects.filter(thread__peer="ma").order_by("code").first()
    assert line is not None
    values = {
        f"{line.code}.posts": str(line.posts),
        f"{line.code}.present": str(line.present),
        f"{line.code}.people": str(line.people + 4),
    }
    edited = client.post(f"/e/{CODE}/campaigns/1/ma", values)
    wrong = client.post(f"/e/{CODE}/campaigns/1/ma", values | {f"{line.code}.posts": "9999"})
    assert (edited.status_code, wrong.status_code) == (302, 422)

    page = client.get(f"/e/{CODE}/campaigns/1/check").content.decode()
    assert Entry.objects.count() == 0
    assert str(line.people + 4) in page
    sent = client.post(f"/e/{CODE}/campaigns/1/check", {"seen": seen_in(page)})
    waiting = client.get(f"/e/{CODE}/campaigns/1").content.decode()
    assert Entry.objects.count() == 0
    assert "data-live" in waiting
    work()

    assert sent.status_code == 302
    assert "data-live" not in client.get(f"/e/{CODE}/campaigns/1").content.decode()
    assert set(Dossier.objects.values_list("state", "side")) == {("requested", "host")}
    assert Dossier.objects.count() == 2


@pytest.mark.usefixtures("partners")
def test_more_time_is_shown_before_it_is_signed(signed_in: Callable[..., Client]) -> None:
    client = signed_in("cooperation")
    client.post(f"/e/{CODE}/campaigns/new", FORM)
    page = client.get(f"/e/{CODE}/campaigns/1/check").content.decode()
    client.post(f"/e/{CODE}/campaigns/1/check", {"seen": seen_in(page)})
    work()
    n_acts = Entry.objects.count()
    until = f"{NOW.now() + timedelta(days=50):%Y-%m-%dT%H:%M}"
    data = {"act": "amend", "until": until, "reason": "Asked by the partner", "peers": ["ma"]}

    shown = client.post(f"/e/{CODE}/campaigns/1/acts", data)
    between = Entry.objects.count()
    signed = client.post(
        f"/e/{CODE}/campaigns/1/acts", data | {"seen": seen_in(shown.content.decode())}
    )

    assert (shown.status_code, signed.status_code) == (200, 302)
    assert (between, Entry.objects.count()) == (n_acts, n_acts + 1)


@pytest.mark.usefixtures("partners")
def test_an_act_of_many_records_has_a_page_of_its_own(signed_in: Callable[..., Client]) -> None:
    client = signed_in("cooperation")
    client.post(f"/e/{CODE}/campaigns/new", FORM)
    page = client.get(f"/e/{CODE}/campaigns/1/check").content.decode()
    client.post(f"/e/{CODE}/campaigns/1/check", {"seen": seen_in(page)})
    work()
    row = Dossier.objects.filter(corridor__peer="ma").get()
    n_lines = DraftLine.objects.filter(thread__case=row.case).count()
    path = f"/dossiers/{row.case}/said/{Entry.objects.get(case=row.case).entry_id}"

    short = client.get(f"/dossiers/{row.case}").content.decode()
    whole = client.get(path).content.decode()

    assert n_lines > 3
    assert path in short
    assert ("L011" in short, "L011" in whole) == (False, n_lines >= 11)
    assert client.get(f"/dossiers/{row.case}/said/nothing").status_code == 404
    assert signed_in("operator").get(path).status_code == 403


@pytest.mark.usefixtures("partners")
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_every_page_opens_in_every_language(
    signed_in: Callable[..., Client], language: str
) -> None:
    client = signed_in("cooperation")
    client.post(f"/e/{CODE}/campaigns/new", FORM)
    page = client.get(f"/e/{CODE}/campaigns/1/check").content.decode()
    client.post(f"/e/{CODE}/campaigns/1/check", {"seen": seen_in(page)})
    work()
    case = Dossier.objects.filter(corridor__peer="ma").get().case
    client.cookies["passerelle_language"] = language
    entry = Entry.objects.get(case=case).entry_id

    for path in (
        f"/e/{CODE}/reinforcement",
        f"/e/{CODE}/reinforcement?by=capability&unit=posts",
        f"/e/{CODE}/reinforcement.csv",
        f"/e/{CODE}/reinforcement.xlsx",
        f"/e/{CODE}/campaigns/new",
        f"/e/{CODE}/campaigns/1",
        f"/e/{CODE}/campaigns/1/ma",
        f"/e/{CODE}/campaigns/1/check",
        f"/e/{CODE}/offers",
        f"/dossiers/{case}",
        f"/dossiers/{case}/said/{entry}",
        f"/dossiers/{case}/offers",
        f"/dossiers/{case}/commitment",
        f"/dossiers/{case}/directorate/withdraw?reason=x",
    ):
        assert client.get(path).status_code == 200, path


@pytest.mark.usefixtures("partners")
def test_lists_cost_the_same_queries_for_one_thread_and_for_two(
    signed_in: Callable[..., Client],
) -> None:
    client = signed_in("cooperation")
    counts = {}
    for number, peers in ((1, ["ma"]), (2, ["ma", "es"])):
        client.post(f"/e/{CODE}/campaigns/new", FORM | {"peers": peers})
        for path in ("reinforcement", f"campaigns/{number}", f"campaigns/{number}/check"):
            client.get(f"/e/{CODE}/{path}")
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/e/{CODE}/{path}").status_code == 200
            counts.setdefault(path.replace(str(number), "n"), []).append(len(captured))

    assert all(len(set(found)) == 1 for found in counts.values()), counts


@pytest.mark.usefixtures("partners")
def test_only_those_who_may_draft_see_the_form(signed_in: Callable[..., Client]) -> None:
    assert signed_in("auditor").get(f"/e/{CODE}/campaigns/new").status_code == 403
