"""Vetting and accreditation one person at a time: who may, what is shown, signed and taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import committed, person
from tests.factories.played import Play

from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.enums import Role
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.exchange import station
from passerelle.procedures.reinforcement.roll import Entry, roll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

SECURITY = {Role.COOPERATION, Role.APPROVER}
UNTIL = "2035-09-01"


@pytest.fixture
def play(db: None, tmp_path: Path) -> Iterator[Play]:
    found = Play(tmp_path, SystemClock())
    with station.entered(found.station):
        found.begin()
        yield found


@pytest.fixture
def case(play: Play) -> str:
    """Return a dossier with two people of whom nothing was decided."""
    talk = committed()
    named = [person("P1", family_name="Exemplaire"), person("P2", family_name="Modèle")]
    talk.say("name", persons_named=named)
    return play.say(talk.acts)


def decide(client: Client, case: str, act: str, **fields: str) -> int:
    """Check an act and sign what was shown, as the page does; return the status of the last step."""
    url = f"/dossiers/{case}/security/{act}"
    data = {**fields, "then": "screening"}
    shown = client.post(url, data | {"step": "check"})
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.content.decode())
    if found is None:
        return shown.status_code
    assert 'name="then" value="screening"' in shown.content.decode()
    signed = client.post(url, data | {"step": "sign", "seen": found[1]})
    if signed.status_code == 302:
        assert signed["Location"] == f"/rolls/{case}/screening"
    return signed.status_code


def entry(case: str, code: str) -> Entry:
    return roll(open_dossier_value(case)[2])[code]


def test_one_person_after_the_other_is_vetted_and_accredited(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = "en"
    page = f"/rolls/{case}/screening"
    first = client.get(page).content.decode()
    assert "2 people wait for a decision" in re.sub(r"<[^>]+>", "", first)
    assert "Exemplaire" in first

    assert decide(client, case, "accredit", person="P1", number_of_badge="B1",
                  valid_until=UNTIL) == 422  # fmt: skip
    assert decide(client, case, "vet", person="P1", result="cleared") == 302
    assert decide(client, case, "accredit", person="P1", number_of_badge="B1",
                  valid_until=UNTIL) == 302  # fmt: skip
    second = client.get(page).content.decode()
    assert decide(client, case, "vet", person="P2", result="refused") == 302

    assert 'name="person" value="P2"' in second.split("<h3>")[1]
    assert (entry(case, "P1").vetting, entry(case, "P1").is_accredited) == ("cleared", True)
    assert entry(case, "P2").vetting == "refused"
    last = client.post(page, {"person": "P2"}).content.decode()
    assert "Nobody waits for a decision" in last
    assert "user:" in last
    assert AuditEntry.objects.filter(action="rolls.screen").count() == 3


def test_a_decision_is_taken_back_with_a_reason_and_made_anew(
    case: str, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("approver")
    assert decide(client, case, "vet", person="P1", result="refused") == 302

    without = decide(client, case, "revoke", person="P1", clearance="vetting")
    done = decide(client, case, "revoke", person="P1", clearance="vetting", reason="Wrong file")
    taken = entry(case, "P1").vetting
    twice = decide(client, case, "revoke", person="P1", clearance="vetting", reason="Again")
    again = decide(client, case, "vet", person="P1", result="cleared")

    assert (without, done, twice, again) == (422, 302, 422, 302)
    assert (taken, entry(case, "P1").vetting) == ("", "cleared")
    page = client.post(f"/rolls/{case}/screening", {"person": "P1"}).content.decode()
    assert "Wrong file" in page


@pytest.mark.parametrize("role", list(Role))
def test_only_the_security_office_sees_the_page_and_decides(
    case: str, signed_in: Callable[..., Client], role: Role
) -> None:
    client = signed_in(role.value)
    deeds = {
        "vet": {"person": "P1", "result": "cleared"},
        "accredit": {"person": "P1", "number_of_badge": "B1", "valid_until": UNTIL},
        "revoke": {"person": "P1", "clearance": "vetting", "reason": "By mistake"},
    }

    page = client.get(f"/rolls/{case}/screening").status_code
    found = {name: decide(client, case, name, **fields) for name, fields in deeds.items()}

    if role in SECURITY:
        assert (page, found) == (200, {"vet": 302, "accredit": 302, "revoke": 302})
    else:
        assert (page, found) == (403, dict.fromkeys(deeds, 403))
        assert entry(case, "P1").vetting == ""


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_page_opens_in_every_language_and_no_address_names_a_person(
    case: str, signed_in: Callable[..., Client], language: str
) -> None:
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = language

    page = client.get(f"/rolls/{case}/screening")

    assert page.status_code == 200
    assert not re.search(r'href="[^"]*P[12]', page.content.decode())
