"""``passerelle bench standards``: speed of reading and writing outside formats."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import click

from passerelle.cli.benches.results import peak_memory_mb, write_result
from passerelle.kernel.times import Interval
from passerelle.standards.de import Envelope, Kind, read_envelope, write_envelope
from passerelle.standards.forms import AskedLine, Form, Request, read_workbook, write_template
from passerelle.standards.forms.fields import FORMS
from passerelle.standards.marks import CLEAR, Handling, Status, Tlp
from passerelle.standards.plans import (
    PlanDocument,
    Posting,
    follow_plan,
    group_sheets,
    plan_csv,
    plan_workbook,
    write_calendar,
)
from passerelle.standards.rm import read_message, write_message
from passerelle.standards.rm.acts import Header, message_of_act
from passerelle.standards.rm.values import ContactRole
from passerelle.standards.stix import (
    CyberReport,
    Observation,
    ObservationKind,
    StixSchemas,
    find_faults,
    write_bundle,
)
from passerelle.standards.xml import SchemaFolder
from passerelle.standards.xml.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Callable

_START = datetime(2024, 7, 24, 6, tzinfo=UTC)


@click.command()
@click.option("--postings", type=click.IntRange(1), default=50_000, show_default=True)
@click.option("--people", type=click.IntRange(1), default=2_500, show_default=True)
@click.option("--messages", type=click.IntRange(1), default=500, show_default=True)
@click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the published schemas, to measure with them too.",
)
def command(*, postings: int, people: int, messages: int, schemas: Path | None) -> None:
    """Measure exports of a plan, forms of partners, EDXL and STIX, in processor seconds."""
    data: dict[str, object] = {
        "plan": _plan(postings),
        "forms": _forms(people),
        "edxl": _edxl(messages, schemas),
        "stix": _stix(messages, schemas),
        "peak_mb": peak_memory_mb(),
    }
    path = write_result("standards", data)
    for part, figures in data.items():
        if isinstance(figures, dict):
            for name, figure in figures.items():
                click.echo(f"{part:6} {name:40} {figure:>12,}")
    click.echo(f"peak {data['peak_mb']} MB")
    click.echo(str(path))


def _seconds(work: Callable[[], object]) -> float:
    before = process_time()
    work()
    return max(process_time() - before, 1e-9)


def _plan(n: int) -> dict[str, float]:
    plan = PlanDocument(
        event="bench",
        event_name="Bench",
        zone="Europe/Paris",
        version=1,
        published=_START,
        postings=tuple(_posting(number) for number in range(n)),
    )
    entries = follow_plan({}, plan)
    return {
        "postings": n,
        "csv_seconds": round(_seconds(lambda: plan_csv(plan)), 2),
        "xlsx_seconds": round(_seconds(lambda: plan_workbook(plan)), 2),
        "icalendar_seconds": round(
            _seconds(lambda: write_calendar(entries.values(), plan, name="b", node="n")), 2
        ),
        "duty_sheets_seconds": round(_seconds(lambda: list(group_sheets(plan, language="ar"))), 2),
    }


def _posting(number: int) -> Posting:
    start = _START + timedelta(days=number % 19)
    return Posting(
        key=f"p{number}",
        site=f"S{number % 200}",
        site_name=f"Site {number % 200}",
        post="",
        capability="patrol",
        group=f"G{number % 300}",
        group_name=f"Group {number % 300}",
        state="FR",
        crew="1-4",
        crews=4,
        people=8,
        during=Interval(start, start + timedelta(hours=8)),
    )


def _forms(n: int) -> dict[str, float]:
    import openpyxl

    request = Request(
        reference="BENCH",
        event="bench",
        event_name="Bench",
        zone="Europe/Paris",
        sender="A",
        addressee="B",
        contact="C",
        answer_by=_START,
        issued=_START - timedelta(days=100),
        lines=(
            AskedLine("L1", "eod", 1, 2, 3, ("S",), Interval(_START, _START + timedelta(days=19))),
        ),
    )
    book = openpyxl.load_workbook(io.BytesIO(write_template(request)))
    names = [field.name for field in FORMS[Form.PEOPLE]]
    for number in range(n):
        row = {
            "person": f"P{number}",
            "item": "C1",
            "family_name": "Alpha",
            "given_name": "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}"),
            "rank": "officer",
            "service_number": f"N{number}",
            "nationality": "MA",
            "birth_date": "1990-01-01",
            "passport": f"X{number}",
            "role": "patrol",
            "from": "2024-07-24 08:00",
            "to": "2024-08-11 20:00",
        }
        for name, value in row.items():
            book["people"].cell(number + 4, names.index(name) + 1).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    read = _seconds(lambda: read_workbook(content, request, name="bench.xlsx"))
    return {
        "people": n,
        "template_seconds": round(_seconds(lambda: write_template(request)), 3),
        "read_workbook_seconds": round(read, 2),
    }


def _edxl(n: int, schemas: Path | None) -> dict[str, float]:
    folder = SchemaFolder(schemas) if schemas else None
    header = Header("e1", "e1", _START, "bench", "Bench", "office", ContactRole.REQUESTER)
    line = {
        "capability": "eod",
        "posts": 1,
        "present": 2,
        "people": 3,
        "places": ["S"],
        "from": "2024-07-24T06:00:00Z",
        "to": "2024-08-11T20:00:00Z",
    }
    payload = {"reference": "B", "lines": [{**line, "line": f"L{k}"} for k in range(40)]}
    message = message_of_act("request", payload, header)
    content = write_message(message, schemas=folder)
    envelope = Envelope(
        id="e1",
        sender="n",
        sent=_START,
        expires=_START,
        status=Status.ACTUAL,
        kind=Kind.REQUEST,
        payloads=(Fragment(content),),
        handling=CLEAR,
    )
    wrapped = write_envelope(envelope, schemas=folder)

    def times(work: Callable[[], object]) -> int:
        return round(n / _seconds(lambda: [work() for _ in range(n)]))

    return {
        "lines_a_message": 40,
        "with_schemas": int(schemas is not None),
        "read_messages_a_second": times(lambda: read_message(content, schemas=folder)),
        "write_messages_a_second": times(lambda: write_message(message, schemas=folder)),
        "read_envelopes_a_second": times(lambda: read_envelope(wrapped, schemas=folder)),
    }


def _stix(n: int, schemas: Path | None) -> dict[str, float]:
    report = CyberReport(
        entry="b" * 64,
        first_entry="a" * 64,
        node="n",
        node_name="Node",
        title="Bench",
        kind="phishing",
        detected=_START,
        first_issued=_START,
        issued=_START,
        handling=Handling(tlp=Tlp.AMBER),
        observations=tuple(
            Observation(ObservationKind.DOMAIN, f"h{number}.example.org") for number in range(n)
        ),
    )
    content = write_bundle(report)
    objects = json.loads(content)["objects"]
    figures: dict[str, float] = {
        "objects": len(objects),
        "write_objects_a_second": round(len(objects) / _seconds(lambda: write_bundle(report))),
        "own_checks_objects_a_second": round(
            len(objects) / _seconds(lambda: find_faults(objects, name="b"))
        ),
    }
    if schemas is not None:
        judge = StixSchemas(schemas)
        judge.check(objects[-1], name="b")
        spent = _seconds(lambda: [judge.check(one, name="b") for one in objects])
        figures["schema_objects_a_second"] = round(len(objects) / spent)
    return figures
