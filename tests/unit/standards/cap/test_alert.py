from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passerelle.kernel.labels import Labels
from passerelle.standards.cap import (
    Alert,
    Area,
    Certainty,
    MessageKind,
    Reference,
    Severity,
    Urgency,
    write_alert,
)
from passerelle.standards.marks import CLEAR, Handling, MarkError, Status, Tlp
from passerelle.standards.xml import SchemaFolder, read_xml

SENT = datetime(2024, 7, 26, 14, tzinfo=UTC)
NS = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
ALERT = Alert(
    identifier="e" * 64,
    sender="centre@fr.example",
    sent=SENT,
    status=Status.EXERCISE,
    handling=Handling(tlp=Tlp.AMBER, marks=("H2",)),
    kind=MessageKind.ALERT,
    event=Labels("colis suspect", "suspicious package", "عبوة مشبوهة"),
    headline=Labels("Gare évacuée", "Station evacuated", "إخلاء المحطة"),
    description=Labels("Levée de doute en cours.", "Being cleared.", "رفع الشك جار."),
    instruction=Labels("Évitez le secteur.", "Avoid the area.", "تجنبوا المنطقة."),
    urgency=Urgency.IMMEDIATE,
    severity=Severity.SEVERE,
    certainty=Certainty.POSSIBLE,
    responses=("Avoid",),
    expires=datetime(2024, 7, 26, 18, tzinfo=UTC),
    acknowledge_by=datetime(2024, 7, 26, 14, 15, tzinfo=UTC),
    areas=(Area("Station", circles=((48.88, 2.355, 0.5),)),),
    incident="paris-2024",
)


def texts(alert: Alert, path: str) -> list[str | None]:
    root = read_xml(write_alert(alert), name="alert")
    return [element.text for element in root.iterfind(path, NS)]


@pytest.mark.shared
@pytest.mark.parametrize("kind", list(MessageKind))
def test_an_alert_of_each_kind_is_valid_in_three_languages(kind: MessageKind, shared: Path) -> None:
    references = (Reference("centre@fr.example", "d" * 64, SENT),)
    alert = replace(ALERT, kind=kind, references=references)

    content = write_alert(alert, schemas=SchemaFolder(shared / "standards"))

    assert content.count(b"<language>") == 3


def test_every_language_has_its_own_text() -> None:
    assert texts(ALERT, "cap:info/cap:language") == ["fr", "en", "ar"]
    assert texts(ALERT, "cap:info/cap:headline") == [
        "Gare évacuée",
        "Station evacuated",
        "إخلاء المحطة",
    ]


def test_the_exercise_mark_and_the_handling_travel() -> None:
    assert texts(ALERT, "cap:status") == ["Exercise"]
    assert texts(ALERT, "cap:code") == ["TLP:AMBER", "H2"]
    assert (texts(ALERT, "cap:scope"), texts(ALERT, "cap:restriction")) == (
        ["Restricted"],
        ["TLP:AMBER"],
    )


def test_a_reference_is_sender_identifier_sent() -> None:
    references = (Reference("centre@fr.example", "d1", SENT),)

    assert texts(
        replace(ALERT, kind=MessageKind.UPDATE, references=references), "cap:references"
    ) == ["centre@fr.example,d1,2024-07-26T14:00:00+00:00"]


def test_public_restricted_and_private_follow_handling_and_addresses() -> None:
    assert replace(ALERT, handling=CLEAR).scope == "Public"
    assert ALERT.scope == "Restricted"
    assert replace(ALERT, addresses=("ma.example",)).scope == "Private"


def test_red_needs_addresses() -> None:
    with pytest.raises(MarkError, match="named addresses"):
        write_alert(replace(ALERT, handling=Handling(tlp=Tlp.RED)))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"identifier": "a,b"}, "identifier without space, comma"),
        ({"sender": "a b"}, "sender without space, comma"),
        ({"kind": MessageKind.CANCEL}, "references in a message of kind Cancel"),
        ({"categories": ()}, "categories of CAP"),
        ({"responses": ("Run",)}, "responses of CAP"),
        ({"expires": SENT}, "expires > sent"),
    ],
)
def test_the_rules_of_the_prose_hold(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ALERT, **changed)


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ({"polygons": (((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)),)}, "closed polygon"),
        ({"polygons": (((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)),)}, "closed polygon"),
        ({"circles": ((2.355, 188.0, 1.0),)}, "latitude, then longitude"),
        ({"circles": ((48.0, 2.0, -1.0),)}, "radius >= 0"),
    ],
)
def test_an_area_that_is_none_is_refused(area: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Area("x", **area)
