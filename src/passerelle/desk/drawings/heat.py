"""The body of the coverage table, written as text in one pass.

A Paris-sized table has some three thousand cells. Written by template loops it took most of the
page's time; written here it takes a few milliseconds (``docs/adr/0050-grids-written-in-python.md``).
All words come in as arguments, already translated; everything from outside is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from passerelle.desk import formats
from passerelle.desk.boards.cube import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.desk.boards.coverage import CoverageBoard, CoverageRow
    from passerelle.desk.boards.cube import Slice

__all__ = ["heat_body"]


def heat_body(
    board: CoverageBoard,
    *,
    language: str,
    words: Mapping[Step, str],
    cell_query: str,
    site_path: str,
    current: str = "",
) -> SafeString:
    """Write the rows of the table.

    Parameters
    ----------
    board
        What to show.
    language
        Language of the numbers.
    words
        Word of each step, for readers who do not see the colour.
    cell_query
        Address of a cell, up to the value of ``at``.
    site_path
        Address of a site, with ``SITE`` where the code goes.
    current
        Value of ``at`` of the open cell.
    """
    keys = [column.key for column in board.columns]
    firsts = [" day" if column.is_first else "" for column in board.columns]
    width = len(keys) + 2
    spoken = {step: f'<span class="vh"> {escape(word)}</span>' for step, word in words.items()}
    out: list[str] = []
    for name, rows in board.groups:
        out.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="{width}">{escape(name)}</th></tr>'
        )
        out.extend(
            _row(row, keys, firsts, spoken, language, cell_query, site_path, current)
            for row in rows
        )
        out.append("</tbody>")
    return mark_safe("".join(out))  # noqa: S308 - every outside text above is escaped


def _row(
    row: CoverageRow,
    keys: list[str],
    firsts: list[str],
    spoken: Mapping[Step, str],
    language: str,
    cell_query: str,
    site_path: str,
    current: str,
) -> str:
    code = escape(row.site.code)
    cells = []
    for key, first, cell in zip(keys, firsts, row.cells, strict=True):
        step = cell.step
        if step is Step.NONE:
            cells.append(f'<td class="c-none{first}"></td>')
            continue
        at = f"{code}.{key}"
        marked = ' aria-current="true"' if at == current else ""
        cells.append(
            f'<td class="c-{step}{first}"><a href="{cell_query}{at}" data-at="{at}"{marked}>'
            f'<bdi dir="ltr">{_pair(cell)}</bdi>{spoken[step]}</a></td>'
        )
    missing = formats.number(row.missing_hours, language) if row.missing_hours else "\N{EN DASH}"
    return (
        f'<tr><th scope="row"><a href="{site_path.replace("SITE", code)}"><code><bdi dir="ltr">{code}'
        f"</bdi></code><span>{escape(row.site.name)}</span></a></th>{''.join(cells)}"
        f'<td class="total"><bdi dir="ltr">{missing}</bdi></td></tr>'
    )


def _pair(cell: Slice) -> str:
    return f"{cell.have}/{cell.need}"
