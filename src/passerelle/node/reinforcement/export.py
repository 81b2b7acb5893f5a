"""The overview as files: one row a figure, each with its unit, stage and time."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.counts import Unit
from passerelle.kernel.labels import Labels
from passerelle.kernel.times import format_instant
from passerelle.node.reinforcement.overview import SHOWN, overview
from passerelle.standards.plans.csv_file import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["HEADS", "overview_csv", "overview_workbook"]

HEADS: Final = (
    Labels("État", "State", "الدولة"),
    Labels("Capacité", "Capability", "القدرة"),
    Labels("Étape", "Stage", "المرحلة"),
    Labels("Unité", "Unit", "الوحدة"),
    Labels("Nombre", "Figure", "العدد"),
    Labels("Situation au", "As of", "إلى غاية"),
    Labels("Prévision", "Forecast", "توقع"),
)
"""Heads of the columns."""

_FORECAST: Final = ("arrived, forecast low", "arrived, forecast", "arrived, forecast high")


def overview_csv(event: str, at: datetime, language: str) -> bytes:
    """Write the overview as CSV in UTF-8 with a byte-order mark."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([head.get(language) for head in HEADS])
    for row in _rows(event, at, language):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff".encode() + stream.getvalue().encode("utf-8")


def overview_workbook(event: str, at: datetime, language: str) -> bytes:
    """Write the overview as a workbook; with Arabic the sheet runs from right to left."""
    import xlsxwriter  # noqa: PLC0415 - slow import

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("reinforcement")
        if language == "ar":
            sheet.right_to_left()
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, [head.get(language) for head in HEADS], bold)
        n_rows = 0
        for n_rows, row in enumerate(_rows(event, at, language), start=1):
            sheet.write_row(n_rows, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(n_rows, 1), len(HEADS) - 1)
        sheet.set_column(0, len(HEADS) - 1, 20)
    return buffer.getvalue()


def _rows(event: str, at: datetime, language: str) -> Iterator[list[str | int]]:
    when = format_instant(at.replace(microsecond=0))
    for unit in Unit:
        partners = overview(event, unit, at)
        for line in partners.lines:
            for stage, figure in zip(SHOWN, line.figures, strict=True):
                yield [line.key, "*", stage, unit.value, figure, when, "no"]
            if line.coming is not None:
                span = (line.coming.low, line.coming.central, line.coming.high)
                for stage, figure in zip(_FORECAST, span, strict=True):
                    yield [line.key, "*", stage, unit.value, figure, when, "yes"]
        for line in overview(event, unit, at, by="capability").lines:
            known = catalogue().get(line.key)
            name = known.labels.get(language) if known else line.key
            for stage, figure in zip(SHOWN, line.figures, strict=True):
                yield ["*", name, stage, unit.value, figure, when, "no"]
