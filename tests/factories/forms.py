"""Requests and filled-in workbooks for tests; people are synthetic."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl

from passerelle.kernel.times import Interval
from passerelle.standards.forms import AskedLine, Form, Request, write_template
from passerelle.standards.forms.fields import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DURING = Interval(datetime(2024, 7, 20, 6, tzinfo=UTC), datetime(2024, 8, 11, 22, tzinfo=UTC))
REQUEST = Request(
    reference="FR-2024-017",
    event="paris-2024",
    event_name="Paris 2024",
    zone="Europe/Paris",
    sender="Cooperation directorate",
    addressee="General directorate, state B",
    contact="duty desk, 24/7",
    answer_by=datetime(2024, 4, 30, 16, tzinfo=UTC),
    issued=datetime(2024, 1, 22, 9, tzinfo=UTC),
    lines=(
        AskedLine("L1", "eod", 2, 4, 10, ("STE",), DURING, "double capacity"),
        AskedLine("L2", "joint_patrol", 6, 12, 30, ("PAR", "STE"), DURING),
    ),
    items=("C1",),
)
OFFER: dict[str, Any] = {
    "answer": "full",
    "offer": "O1",
    "unit": "pair",
    "command": "host | État hôte",
    "valid_until": datetime(2024, 5, 15, 12),  # noqa: DTZ001 - a sheet holds local times
    "approving_authority": "Directorate of operations",
}
PERSON: dict[str, Any] = {
    "person": "P1",
    "item": "C1",
    "family_name": "Benali",
    "given_name": "Amina",
    "rank": "captain",
    "service_number": "B-1001",
    "nationality": "MA",
    "birth_date": "1988-02-03",
    "passport": "XX00001",
    "role": "EOD technician",
    "certificates": "eod-3=2024-12-31",
    "languages": "fr:B2; ar:native",
    "from": "2024-07-20 08:00",
    "to": "2024-08-11 20:00",
}
ANIMAL: dict[str, Any] = {
    "animal": "K1",
    "item": "C1",
    "name": "Rex",
    "chip": "990000001",
    "handler": "P1",
    "from": "2024-07-20 08:00",
    "to": "2024-08-11 20:00",
}


def filled(
    rows: Mapping[Form, list[Mapping[str, Any]]],
    *,
    change: Callable[[openpyxl.Workbook], None] | None = None,
    language: str = "fr",
    request: Request = REQUEST,
) -> bytes:
    """Fill rows into the template from row 4 on, over what stands ready."""
    book = openpyxl.load_workbook(io.BytesIO(write_template(request, language=language)))
    for form, values in rows.items():
        names = [field.name for field in FORMS[form]]
        for number, row in enumerate(values, start=4):
            for name, value in row.items():
                book[form.value].cell(number, names.index(name) + 1).value = value
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
