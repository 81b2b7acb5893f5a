"""The body of the roster table, written as text in one pass, for the reason given in ``heat``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from passerelle.desk.boards.roster import crew_ranges

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.desk.boards.roster import GroupRows, RosterBoard, RosterDuty, RosterRow

__all__ = ["roster_body"]


def roster_body(
    board: RosterBoard,
    *,
    duty_query: str,
    group_path: str,
    crew_word: str,
    free_word: str,
    current: str,
) -> SafeString:
    """Write the rows of the roster.

    Parameters
    ----------
    board
        One page of the roster.
    duty_query
        Address of a duty, up to the value of ``at``.
    group_path
        Address of a group, with ``GROUP`` where the code goes.
    crew_word, free_word
        The words for a crew and for a day without duty, translated.
    current
        Value of ``at`` of the open duty.
    """
    out = []
    for rows in board.groups:
        out.append(_head(rows, len(board.days) + 1, group_path))
        out.extend(_line(row, duty_query, crew_word, free_word, current) for row in rows.rows)
        out.append("</tbody>")
    return mark_safe("".join(out))  # noqa: S308 - every outside text is escaped


def _head(rows: GroupRows, width: int, group_path: str) -> str:
    group = rows.group
    code = escape(group.id)
    return (
        f'<tbody><tr class="group"><th scope="rowgroup" colspan="{width}">'
        f'<a href="{group_path.replace("GROUP", code)}">{escape(group.name)}</a> '
        f'<span class="note"><bdi dir="ltr">{escape(group.owner)} · {code} · {group.crews} × '
        f"{group.crew_people}</bdi></span></th></tr>"
    )


def _line(row: RosterRow, query: str, crew_word: str, free_word: str, current: str) -> str:
    cells = "".join(_cell(duties, query, free_word, current) for duties in row.days)
    return f'<tr><th scope="row">{escape(crew_word)} <bdi dir="ltr">{crew_ranges(row.crews)}</bdi></th>{cells}</tr>'


def _cell(duties: tuple[RosterDuty, ...], query: str, free_word: str, current: str) -> str:
    if not duties:
        return f'<td><span class="vh">{escape(free_word)}</span></td>'
    links = []
    for duty in duties:
        marked = ' aria-current="true"' if str(duty.row) == current else ""
        links.append(
            f'<a class="duty h{duty.start.hour} d{min(duty.hours, 16)}" href="{query}{duty.row}" '
            f'data-at="{duty.row}"{marked}><b><bdi dir="ltr">{escape(duty.site)}</bdi></b>'
            f'<bdi dir="ltr">{_time(duty.start)}\N{EN DASH}{_time(duty.end)}</bdi></a>'
        )
    return f"<td>{''.join(links)}</td>"


def _time(value: datetime) -> str:
    return f"{value:%H:%M}" if value.minute else f"{value:%H}"
