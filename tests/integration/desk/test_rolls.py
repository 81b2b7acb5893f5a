"""Rolls, counts, the partner's page and the arrival desk, on a node with a committed dossier."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import committed, item, person
from tests.factories.played import YEAR, Play, next_year

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.times import format_instant
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.models import CheckIn, Dossier, Sheet
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import sheet_of
from passerelle.node.exchange import station
from passerelle.node.exchange.models import Entry
from passerelle.procedures.deadlines import due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client


NAME = "Exemplaire"
JSON = "application/json"


@pytest.fixture
def play(db: None, tmp_path: Path) -> Iterator[Play]:
    """Return the node FR with one dossier: two people named, one certificate that ends mid-event."""
    found = Play(tmp_path, SystemClock())
    with station.entered(found.station):
        found.begin()
        yield found


@pytest.fixture
def case(play: Play) -> str:
    """Return a dossier with two people: P1 cleared, P2 with a certificate that ends."""
    talk = committed(certificates=["eod-2"])
    talk.say(
        "name",
        persons_named=[
            person("P1", family_name=NAME, certificates=held("2024-12-31")),
            person("P2", certificates=held("2024-07-28")),
        ],
    )
    for code in ("P1", "P2"):
        talk.say("vet", person=code, result="cleared")
        talk.say("accredit", person=code, number_of_badge=code, valid_until="2024-09-01")
    talk.say("brief", persons=["P1", "P2"], on="2024-07-20", language="fr", rule_card="RC")
    return play.say(talk.acts)


def held(until: str) -> list[dict[str, str]]:
    return [{"certificate": "eod-2", "valid_until": until}]


def english(client: Client) -> Client:
    client.cookies["passerelle_language"] = "en"
    return client


def post(client: Client, case: str, *rows: dict[str, str]) -> list[dict[str, str]]:
    answer = client.post(f"/arrivals/{case}/check-ins", json.dumps({"check_ins": rows}), JSON)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, str]] = answer.json()["answers"]
    return found


def check_in(what: str = "arrive", who: str = "P1", **changes: str) -> dict[str, str]:
    row = {"key": secrets.token_hex(16), "what": what, "person": who, "place": "STE"}
    now = SystemClock().now().replace(microsecond=0)
    return {**row, "at": format_instant(now), **changes}


def test_the_roll_names_every_missing_condition_on_the_days_it_bites(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("cooperation"))

    before = client.get(f"/rolls/{case}?day={YEAR}-07-28").content.decode()
    after = client.get(f"/rolls/{case}?day={YEAR}-07-29").content.decode()

    assert 'Deployable: <bdi dir="ltr">2</bdi> of <bdi dir="ltr">2</bdi>' in before
    assert 'Deployable: <bdi dir="ltr">1</bdi> of <bdi dir="ltr">2</bdi>' in after
    assert "certificate eod-2 missing or ended" in after
    assert NAME in after


def test_a_list_shows_figures_and_no_person_and_an_auditor_sees_no_name(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("auditor"))

    pages = [client.get(path).content.decode() for path in ("/rolls", "/counts", "/partners/MA")]

    assert all(NAME not in page for page in pages)
    assert client.get(f"/rolls/{case}").status_code == 403
    assert NAME not in client.get(f"/dossiers/{case}").content.decode()
    assert NAME in english(signed_in("leader")).get(f"/dossiers/{case}").content.decode()


def test_each_look_at_a_roll_stands_in_the_audit_record_without_a_name(
    case: str, signed_in: Callable[..., Client]
) -> None:
    signed_in("liaison").get(f"/rolls/{case}")

    entry = AuditEntry.objects.get(action="rolls.read")
    assert entry.subject == f"dossier:{case}"
    assert NAME not in f"{entry.old}{entry.new}{entry.why}{entry.actor}"


@pytest.mark.usefixtures("case")
def test_lists_cost_the_same_queries_for_one_dossier_and_for_many(
    play: Play, signed_in: Callable[..., Client]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = signed_in("cooperation"), []
    for n_more in (0, 4):
        for number in range(n_more):
            play.say(committed().acts, case=f"{number:032x}")
        for path in ("/rolls", "/counts", "/partners/MA"):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))

    assert counts[:3] == counts[3:]


def test_the_page_of_counts_shows_what_the_sheet_says_and_exports_it(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("planner"))

    page = client.get(f"/counts?day={YEAR}-07-29&by=day&unit=present").content.decode()
    table = client.get("/counts/counts.csv").content.decode("utf-8-sig").splitlines()
    book = client.get("/counts/counts.xlsx")

    sheet = Sheet.objects.get(dossier=case)
    assert sheet.digest[:16] in page
    assert sheet_of(sheet).digest == sheet.digest
    assert table[0].startswith("event,partner,dossier,capability")
    figures = [row.split(",") for row in table[1:]]
    assert {(row[3], row[5], row[6], row[7], row[8], row[9]) for row in figures} >= {
        ("eod", "STE", f"{YEAR}-07-29", "cleared", "people", "1"),
        ("eod", "STE", f"{YEAR}-07-28", "cleared", "people", "2"),
        ("*", "*", "*", "accepted", "people", "10"),
    }
    assert {row[-1] for row in figures} == {sheet.digest}
    assert book.content[:2] == b"PK"
    assert client.get("/counts/counts.pdf").status_code == 404


def test_a_check_in_is_taken_once_however_often_it_is_sent(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client, row = english(signed_in("liaison")), check_in()
    before = Entry.objects.count()

    first, again = post(client, case, row), post(client, case, row, row)

    assert [one["outcome"] for one in (*first, *again)] == ["taken"] * 3
    assert Entry.objects.count() == before + 1
    assert CheckIn.objects.get().entry == Entry.objects.latest("pk").entry_id


def test_conflicts_between_two_desks_are_said_and_change_nothing(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("liaison"))
    post(client, case, check_in())
    before = Entry.objects.count()

    second, absent, unknown, ahead = post(
        client,
        case,
        check_in(),
        check_in("no-show"),
        check_in(who="P9"),
        check_in(who="P2", at=f"{YEAR}-12-31T00:00:00Z"),
    )

    assert (second["outcome"], second["words"]) == (
        "known", "Another desk recorded this before.",
    )  # fmt: skip
    assert (absent["outcome"], absent["code"]) == ("refused", "roll.arrived")
    assert (unknown["outcome"], unknown["code"]) == ("refused", "roll.unknown")
    assert (ahead["outcome"], ahead["code"]) == ("refused", "arrivals.clock")
    assert Entry.objects.count() == before


def test_a_no_show_asks_the_partner_for_a_replacement_until_it_is_named(
    case: str, play: Play, signed_in: Callable[..., Client]
) -> None:
    client = english(signed_in("liaison", "cooperation"))
    post(client, case, check_in("no-show", "P2"))

    page = client.get(f"/rolls/{case}").content.decode()
    listed = client.get("/rolls").content.decode()

    assert "A replacement is asked of the partner." in page
    assert "must be replaced" in listed
    _row, _heard, dossier = open_dossier_value(case)
    assert "replace" in {one.name for one in due(dossier, play.clock.now())}
    talk = committed()
    talk.dossier = dossier
    act = talk.act("replace", person="P2", substitute=person("P3"), reason="ill")
    play.theirs(next_year(act))
    domain.refresh(case, play.clock)
    assert Sheet.objects.get(dossier=case).n_owed == 0


@pytest.mark.parametrize("body", ["", "[]", '{"check_ins": [{}]}', '{"check_ins": 3}'])
def test_what_is_no_check_in_is_refused_whole(
    case: str, signed_in: Callable[..., Client], body: str
) -> None:
    client = signed_in("liaison")
    before = Entry.objects.count()

    answer = client.post(f"/arrivals/{case}/check-ins", body, JSON)

    assert answer.status_code == 409
    assert Entry.objects.count() == before


def test_the_desk_works_by_plain_forms_too_and_only_for_who_may(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("liaison")

    answer = client.post(f"/arrivals/{case}/check-ins", check_in())

    assert answer.status_code == 302
    assert CheckIn.objects.get().outcome == "taken"
    assert signed_in("approver").get(f"/arrivals/{case}").status_code == 403


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_every_page_stands_in_three_languages(
    case: str, signed_in: Callable[..., Client], language: str
) -> None:
    client = signed_in("liaison", "cooperation", "planner")
    client.cookies["passerelle_language"] = language

    for path in ("/rolls", f"/rolls/{case}", "/counts", "/partners/MA", f"/arrivals/{case}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.content.decode()
    assert item()["item"] in client.get(f"/rolls/{case}").content.decode()


def test_erasing_on_the_page_needs_the_reference_and_shows_what_remains(
    case: str, play: Play, signed_in: Callable[..., Client]
) -> None:
    play.say([committed().act("end")], case)
    Dossier.objects.update(is_settled=True)  # the partner of this test signs no receipts
    client, url = english(signed_in("cooperation")), f"/dossiers/{case}/erase"
    reference = Dossier.objects.get(case=case).reference

    redirected = client.get(f"/dossiers/{case}/directorate/erase")
    wrong = client.post(url, {"ground": "purpose-ended", "repeated": "something"})
    right = client.post(url, {"ground": "purpose-ended", "repeated": reference})
    page = client.get(f"/dossiers/{case}").content.decode()

    assert redirected["Location"] == url
    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "the content is erased" in page
    assert NAME not in page
    assert client.get(f"/rolls/{case}").status_code == 409
    assert client.get(f"/arrivals/{case}").status_code == 409
    for language in ("fr", "ar"):
        client.cookies["passerelle_language"] = language
        assert client.get(f"/dossiers/{case}").status_code == 200
