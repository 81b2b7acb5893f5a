"""Numbers, days and times as a reader of each language expects them, always with Western digits.

Django's own formats are not used here for two reasons: Arabic must follow Moroccan usage (CLDR
``ar-MA``: group ``.``, decimal ``,``, the month names of the Maghreb), and every figure must come
out as one run of left-to-right text that a template can isolate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

__all__ = [
    "clock",
    "day",
    "day_short",
    "duration",
    "isolated",
    "number",
    "percent",
    "short_language",
]

_SEPARATORS: Final = {"fr": ("\u202f", ","), "en": (",", "."), "ar": (".", ",")}

_MONTHS: Final = {
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "ماي",
        "يونيو",
        "يوليوز",
        "غشت",
        "شتنبر",
        "أكتوبر",
        "نونبر",
        "دجنبر",
    ],
}

_DAYS: Final = {
    "fr": ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "ar": ["الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
}


def short_language(language: str) -> str:
    """Return ``fr``, ``en`` or ``ar`` for a language tag; English when it is another."""
    short = language.split("-", maxsplit=1)[0].lower()
    return short if short in _SEPARATORS else "en"


def number(value: float, language: str, decimals: int = 0) -> str:
    """Write a number with grouped digits and a true minus sign.

    Examples
    --------
    >>> number(-1234.5, "en", 1)
    '−1,234.5'
    >>> number(30117, "ar")
    '30.117'
    """
    group, point = _SEPARATORS[short_language(language)]
    text = f"{abs(value):,.{decimals}f}"
    text = text.replace(",", "\0").replace(".", point).replace("\0", group)
    negative = value < 0 and any(digit in text for digit in "123456789")
    return f"\N{MINUS SIGN}{text}" if negative else text


def isolated(text: str) -> str:
    """Isolate a run left to right inside plain text, where no element can do it."""
    return f"\N{LEFT-TO-RIGHT ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def percent(ratio: float, language: str, decimals: int = 1) -> str:
    """Write a ratio as a percentage: ``0.985`` becomes ``98.5%``, in French ``98,5 %``."""
    space = "\u202f" if short_language(language) == "fr" else ""
    return f"{number(ratio * 100, language, decimals)}{space}%"


def day(value: date, language: str, *, with_year: bool = False) -> str:
    """Write a day with its weekday: ``Wed 24 Jul``."""
    short = short_language(language)
    year = f" {value.year}" if with_year else ""
    return f"{_DAYS[short][value.weekday()]} {day_short(value, short)}{year}"


def day_short(value: date, language: str) -> str:
    """Write a day without its weekday: ``24 Jul``."""
    return f"{value.day} {_MONTHS[short_language(language)][value.month - 1]}"


def clock(value: datetime) -> str:
    """Write the time of day, ``14:05``."""
    return f"{value:%H:%M}"


def duration(value: timedelta) -> str:
    """Write a length of time as hours and minutes, ``9:30``; days are counted in hours.

    Examples
    --------
    >>> duration(timedelta(hours=26, minutes=5))
    '26:05'
    """
    minutes = round(abs(value).total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
