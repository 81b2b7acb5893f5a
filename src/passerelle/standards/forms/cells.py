"""Reading one cell: by the kind of its field, into the value that a record holds.

A cell that is wrong raises :class:`CellError` with what was expected, in words; the caller knows the
place. Nothing is guessed: ``03/04/2024`` is no date, since nobody can say which.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.times import format_instant
from passerelle.standards.forms.fields import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.canonical import Json

__all__ = ["CellError", "read_cell", "shown"]

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NAME: Final = re.compile(r"[^\d_<>{}\[\]|\\/@#$%^*+=~\x00-\x1f]{1,80}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
_LEVEL: Final = ("A1", "A2", "B1", "B2", "C1", "C2", "native")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MINUTE: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:00)?", re.ASCII)
_SPLIT: Final = re.compile(r"\s*[;،؛,\n]\s*")
_SUBJECTS: Final = (
    "escorts",
    "lodging",
    "meals",
    "transport",
    "weapons",
    "powers",
    "command",
    "cost",
    "dates",
    "other",
)
_MOST: Final = {Kind.COUNT: 1_000_000, Kind.AMOUNT: 9_007_199_254_740_991}


class CellError(ValueError):
    """Say what a cell should have held."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected


def shown(value: object) -> str:
    """Return a cell's value as text, for error messages and for texts typed as numbers."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def read_cell(field: Field, value: object, zone: str) -> Json:
    """Read the value of a cell that is not empty.

    Parameters
    ----------
    field
        Field of the column.
    value
        What the spreadsheet holds: text, number, date or truth value.
    zone
        IANA zone of local times.

    Raises
    ------
    CellError
        When the value is not what the field holds.
    """
    if field.kind is Kind.CHOICE:
        return _choice(shown(value), [code for code, _ in field.choices])
    if field.kind is Kind.CAPABILITY:
        return _choice(shown(value), list(catalogue()))
    if field.kind in _MOST:
        return _number(value, _MOST[field.kind])
    if field.kind is Kind.INSTANT:
        return _instant(value, zone)
    if field.kind is Kind.DATE:
        return _date(value).isoformat()
    if isinstance(value, bool | datetime | date):
        raise CellError("form.text", "a text")
    return _TEXTS[field.kind](shown(value))


def _choice(text: str, codes: list[str]) -> str:
    code = text.split("|", maxsplit=1)[0].strip()
    if code not in codes:
        raise CellError("form.choice", "one of " + ", ".join(codes))
    return code


def _number(value: object, most: int) -> int:
    number = None
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        number = int(value)
    elif isinstance(value, str) and re.fullmatch(r"\s*\d{1,16}\s*", value):
        number = int(value)  # digits of any script
    if number is None or not 0 <= number <= most:
        raise CellError("form.count", f"a whole number from 0 to {most}")
    return number


def _date(value: object) -> date:
    error = CellError("form.date", "a date cell, or YYYY-MM-DD")
    if isinstance(value, datetime):
        if value.hour or value.minute:
            raise CellError("form.date", "a date without a time")
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or _DAY.fullmatch(value.strip()) is None:
        raise error
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise error from None


def _instant(value: object, zone: str) -> str:
    error = CellError("form.instant", "a date and time cell, or YYYY-MM-DD HH:MM, local time")
    if isinstance(value, str):
        match = _MINUTE.fullmatch(value.strip())
        if match is None:
            raise error
        try:
            value = datetime.fromisoformat(f"{match[1]}T{match[2]}")
        except ValueError:
            raise error from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local, zone follows
    if not isinstance(value, datetime) or value.year < 1970:
        raise error
    local = value.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CellError("form.instant", "a local time that exists (clocks went forward)")
    return format_instant(instant)


def _line(text: str) -> str:
    if not 1 <= len(text) <= 200 or "\n" in text or "\r" in text:
        raise CellError("form.line", "one line of at most 200 characters")
    return text


def _code(text: str) -> str:
    if _CODE.fullmatch(text) is None:
        raise CellError("form.code", "a code of letters, digits, dot, dash (64 at most)")
    return text


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise CellError("form.name", "a name without digits and signs (80 characters at most)")
    return text


def _country(text: str) -> str:
    if re.fullmatch(r"[A-Z]{2}", text, re.ASCII) is None:
        raise CellError("form.country", "a country code of two capitals, for example MA")
    return text


def _language(text: str) -> str:
    if _LANGUAGE.fullmatch(text) is None:
        raise CellError("form.language", "language codes such as fr; en; ar")
    return text


def _level(text: str) -> Json:
    language, _, level = text.partition(":")
    if level.strip() not in _LEVEL:
        raise CellError("form.language-level", "pairs such as fr:B2; ar:native")
    return {"language": _language(language.strip()), "level_of_language": level.strip()}


def _certificate(text: str) -> Json:
    code, _, until = text.partition("=")
    try:
        day = _date(until.strip())
    except CellError:
        raise CellError("form.certificate", "pairs such as eod-3=2024-12-31") from None
    return {"certificate": _code(code.strip()), "valid_until": day.isoformat()}


def _condition(text: str) -> Json:
    subject, colon, words = text.partition(":")
    if subject.strip() not in _SUBJECTS or not colon or not words.strip():
        raise CellError(
            "form.condition", "pairs such as escorts: two pairs; subjects: " + ", ".join(_SUBJECTS)
        )
    return {"subject": subject.strip(), "text": _line(words.strip())}


def _each(read: Callable[[str], Json], *, split: re.Pattern[str] = _SPLIT) -> Callable[[str], Json]:
    def read_all(text: str) -> Json:
        return [read(part) for part in split.split(text) if part]

    return read_all


_SEMICOLON: Final = re.compile(r"\s*[;؛\n]\s*")
_TEXTS: Final[dict[Kind, Callable[[str], Json]]] = {
    Kind.LINE: _line,
    Kind.CODE: _code,
    Kind.NAME: _name,
    Kind.COUNTRY: _country,
    Kind.CODES: _each(_code),
    Kind.LINES: _each(_line, split=_SEMICOLON),
    Kind.LANGUAGES: _each(_language),
    Kind.LANGUAGE_LEVELS: _each(_level),
    Kind.CERTIFICATES: _each(_certificate),
    Kind.CONDITIONS: _each(_condition, split=_SEMICOLON),
}
