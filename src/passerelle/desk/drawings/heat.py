"""The body of the coverage table, written as text in one pass.

A Paris-sized table has some three thousand cells. Written by template loops it took most of the
page's time; written here it takes a few milliseconds (``docs/adr/0050-grids-written-in-python.md``).
All words come in as arguments, already translated; everything from outside is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from passerelle.desk import formats
from passerelle.desk.boards.cube import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.desk.boards.coverage import Column, CoverageBoard, CoverageRow
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
    spoken = {step: f'<span class="vh"> {escape(word)}</span>' for step, word in words.items()}
    pen = _Pen(board, spoken, language, cell_query, site_path, current)
    width = len(board.columns) + 2
    out: list[str] = []
    for name, rows in board.groups:
        out.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="{width}">{escape(name)}</th></tr>'
        )
        out.extend(pen.row(row) for row in rows)
        out.append("</tbody>")
    return mark_safe("".join(out))  # noqa: S308 - every outside text is escaped


@dataclass(frozen=True, slots=True)
class _Pen:
    """What is the same in all rows."""

    board: CoverageBoard
    spoken: Mapping[Step, str]
    language: str
    cell_query: str
    site_path: str
    current: str

    def row(self, row: CoverageRow) -> str:
        """Write one site."""
        code = escape(row.site.code)
        cells = "".join(
            self._cell(code, column, cell)
            for column, cell in zip(self.board.columns, row.cells, strict=True)
        )
        missing = "\N{EN DASH}"
        if row.missing_hours:
            missing = formats.number(row.missing_hours, self.language)
        return (
            f'<tr><th scope="row"><a href="{self.site_path.replace("SITE", code)}">'
            f'<code><bdi dir="ltr">{code}</bdi></code><span>{escape(row.site.name)}</span></a></th>'
            f'{cells}<td class="total"><bdi dir="ltr">{missing}</bdi></td></tr>'
        )

    def _cell(self, code: str, column: Column, cell: Slice) -> str:
        step = cell.step
        first = " day" if column.is_first else ""
        if step is Step.NONE:
            return f'<td class="c-none{first}"></td>'
        at = f"{code}.{column.key}"
        marked = ' aria-current="true"' if at == self.current else ""
        return (
            f'<td class="c-{step}{first}"><a href="{self.cell_query}{at}" data-at="{at}"{marked}>'
            f'<bdi dir="ltr">{cell.have}/{cell.need}</bdi>{self.spoken[step]}</a></td>'
        )
