"""A plan as CSV: one line a posting, for programs first and for spreadsheets without harm.

UTF-8 with a byte order mark (without it, spreadsheets guess a local code page), comma, quoted where
needed, CRLF (RFC 4180). Instants are written in UTC. A text that a spreadsheet would take for a
formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end) gets an apostrophe in front;
:func:`plain_cell` takes it off again.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Final

from passerelle.kernel.times import format_instant
from passerelle.standards.plans.columns import COLUMNS, harmless_text

if TYPE_CHECKING:
    from passerelle.standards.plans.postings import PlanDocument

__all__ = ["plain_cell", "plan_csv", "safe_cell"]

_TRIGGERS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it.

    Examples
    --------
    >>> safe_cell("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    >>> safe_cell("North gate")
    'North gate'
    """
    text = harmless_text(text)
    return "'" + text if text.startswith((*_TRIGGERS, "'")) else text


def plain_cell(text: str) -> str:
    """Undo :func:`safe_cell`.

    Examples
    --------
    >>> plain_cell("'=1")
    '=1'
    """
    return text.removeprefix("'")


def plan_csv(plan: PlanDocument, *, language: str = "en") -> bytes:
    """Write all postings of a plan as CSV.

    Parameters
    ----------
    plan
        The published version.
    language
        Language of names and tasks; headers are never translated.

    Returns
    -------
    bytes
        UTF-8 with byte order mark. The last columns repeat event, version, status and TLP mark on
        each line, so that no copied line loses them.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([*(column.name for column in COLUMNS), "event", "version", "status", "tlp"])
    marks = [plan.event, str(plan.version), plan.status.value, plan.handling.tlp.value]
    for posting in plan.postings:
        cells = (column.value(posting, language) for column in COLUMNS)
        writer.writerow([*map(_cell, cells), *marks])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def _cell(value: str | int | datetime) -> str:
    if isinstance(value, datetime):
        return format_instant(value)
    return str(value) if isinstance(value, int) else safe_cell(value)
