"""Filters and tags: everything with digits comes out isolated, left to right.

Arabic runs right to left; ``−9``, ``10–06`` or ``STA-07`` flip inside it unless they are isolated.
So each filter that writes a number, a time, a range, a code or an id returns
``<bdi dir="ltr">…</bdi>``, and templates use no other way to write one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, to_locale

from passerelle.desk import formats
from passerelle.desk.frame import looks
from passerelle.desk.words import capability_name, indicator_name
from passerelle.kernel.times import format_instant
from passerelle.procedures.loading import definition
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.template import Context
    from django.utils.safestring import SafeString

    from passerelle.desk.boards.campaigns import LineRow
    from passerelle.kernel.labels import Labels
    from passerelle.standards.plans.duty_sheets import DutyDay

__all__ = ["register"]

register: Final = template.Library()


def _language() -> str:
    return get_language() or "en"


@register.filter
def ltr(value: object) -> SafeString:
    """Isolate a code, an id, a range or a time and set it left to right."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


@register.filter
def num(value: float | None, decimals: int = 0) -> SafeString:
    """Write a number in the reader's way; an em dash when there is none."""
    if value is None:
        return ltr("\N{EM DASH}")
    return ltr(formats.number(value, _language(), decimals))


@register.filter
def change(value: float) -> SafeString:
    """Write a change with its sign and one decimal; a plain 0 for none."""
    sign = "+" if round(value, 1) > 0 else ""
    return ltr(sign + formats.number(value, _language(), 1) if round(value, 1) else "0")


@register.filter
def pct(ratio: float | None, decimals: int = 1) -> SafeString:
    """Write a ratio as a percentage; an em dash when there is none."""
    if ratio is None:
        return ltr("\N{EM DASH}")
    return ltr(formats.percent(ratio, _language(), decimals))


def _local(value: datetime) -> datetime:
    return timezone.localtime(value)


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day with its weekday, in the time zone of the page."""
    if value is None:
        return "\N{EM DASH}"
    return formats.day(_local(value) if isinstance(value, datetime) else value, _language())


@register.filter
def day_short(value: date | datetime) -> str:
    """Write a day and month, in the time zone of the page."""
    return formats.day_short(_local(value) if isinstance(value, datetime) else value, _language())


@register.filter
def clock(value: datetime | None) -> SafeString:
    """Write a time of day, in the time zone of the page."""
    return ltr("\N{EM DASH}" if value is None else formats.clock(_local(value)))


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Write day and time as a ``time`` element that also carries the UTC instant."""
    if value is None:
        return ltr("\N{EM DASH}")
    local = _local(value)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        format_instant(value.replace(microsecond=0)),
        formats.day(local, _language()),
        ltr(formats.clock(local)),
    )


@register.simple_tag
def span(start: datetime, end: datetime) -> SafeString:
    """Write a range of times, ``14:00–23:00``, as one isolated run."""
    return ltr(f"{formats.clock(_local(start))}\N{EN DASH}{formats.clock(_local(end))}")


@register.filter
def hours(value: timedelta | None) -> SafeString:
    """Write a length of time as hours and minutes."""
    return ltr("\N{EM DASH}" if value is None else formats.duration(value))


@register.filter
def label(value: Labels) -> str:
    """Take the text of the reader's language from a value in three languages."""
    return value.get(_language())


@register.filter(name="capability")
def capability_words(code: str) -> str:
    """Return the name of a capability in the reader's language."""
    return capability_name(code)


@register.simple_tag
def draft_rows(rows: Iterable[LineRow]) -> SafeString:
    """Write drafted lines as rows; a campaign has two thousand."""
    language = _language()

    def number(value: int) -> str:
        return f'<td class="num"><bdi dir="ltr">{formats.number(value, language)}</bdi></td>'

    def row(one: LineRow) -> str:
        line = one.line
        counts = "".join(map(number, (line.posts, line.present, line.people, line.animals)))
        return (
            f'<tr><th scope="row"><bdi dir="ltr">{escape(line.code)}</bdi></th>'
            f"<td>{escape(one.capability)} — {escape(line.town)}</td>"
            f'<td><bdi dir="ltr">{escape(", ".join(line.places))}</bdi></td>'
            f'<td><bdi dir="ltr">{one.starts} – {one.ends}</bdi></td>{counts}</tr>'
        )

    return mark_safe("".join(map(row, rows)))  # noqa: S308 - texts are escaped


@register.filter
def code(value: str) -> str:
    """Write a code of the vocabulary in words."""
    known = vocabulary().codes.get(value)
    return known.get(_language()) if known else value


@register.filter
def state_of(value: str, procedure: str) -> str:
    """Write a state of a procedure in words."""
    known = definition(procedure).states.get(value)
    return known.labels.get(_language()) if known else value


@register.filter
def procedure(value: str) -> str:
    """Write the name of a procedure in words."""
    return definition(value).labels.get(_language())


@register.filter
def field(value: str) -> str:
    """Write the name of a field in words."""
    known = vocabulary().fields.get(value)
    return known.get(_language()) if known else value


@register.filter
def indicator(value: str) -> str:
    """Write an indicator in words."""
    return str(indicator_name(value))


@register.filter
def item(values: Mapping[str, object], key: str) -> object:
    """Take one value of a mapping by its key."""
    return values.get(key)


@register.filter
def day_long(value: date | None) -> str:
    """Write a day with month and year: records run over years."""
    if value is None:
        return "\N{EM DASH}"
    return f"{formats.day_short(value, _language())} {value.year}"


@register.simple_tag
def icon(name: str, turn: str = "") -> SafeString:
    """Place a drawing of the sprite; ``turn`` mirrors it where reading runs right to left."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        " icon-turn" if turn else "",
        static("desk/icons.svg"),
        name,
    )


@register.simple_tag
def language_tag() -> str:
    """Return the language of the page as an HTML language tag."""
    return to_locale(_language()).replace("_", "-")


@register.simple_tag(takes_context=True, name="looks")
def preferred_looks(context: Context) -> dict[str, str]:
    """Return what this device prefers: theme, density, keys."""
    return looks(context["request"])


@register.simple_tag
def sheet_rows(duties: DutyDay) -> SafeString:
    """Write the rows of one day of a duty sheet; a site of Paris has a hundred."""
    rows = (
        "".join(
            f'<td><bdi dir="ltr">{escape(cell.text)}</bdi></td>'
            if cell.is_ltr
            else f"<td>{escape(cell.text)}</td>"
            for cell in row
        )
        for row in duties.rows
    )
    return mark_safe("".join(f"<tr>{row}</tr>" for row in rows))  # noqa: S308 - texts are escaped
