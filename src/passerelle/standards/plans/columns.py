"""The columns of a posting list, in one table for every export, in the three languages.

A cell has a kind, so that each format treats it rightly: numbers stay numbers, instants become the
format's own dates, codes are shown left to right inside Arabic text, and texts are made harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.standards.plans.postings import Posting

__all__ = ["COLUMNS", "Column", "Kind", "capability_name", "harmless_text"]


class Kind(Enum):
    """What a column holds."""

    INSTANT = auto()
    NUMBER = auto()
    CODE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """Describe one column of a posting list.

    Parameters
    ----------
    name
        Name in CSV headers; never translated.
    labels
        Heading for people.
    kind
        What it holds.
    width
        Width in characters, for sheets and prints.
    value
        Function of posting and language that gives the cell.
    """

    name: str
    labels: Labels
    kind: Kind
    width: int
    value: Callable[[Posting, str], str | int | datetime]


def capability_name(code: str, language: str) -> str:
    """Return the catalogue's name of a capability, or the code when the catalogue has none."""
    found = catalogue().get(code)
    return found.labels.get(language) if found else code


_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, which XML and printers refuse
    "\ud800-\udfff\ufffe\uffff"  # no characters at all
    "\u202a-\u202e\u2066-\u2069]"  # direction overrides, with which a text can show as another
)


def harmless_text(text: str, *, limit: int = 32_767) -> str:
    """Remove what no export may carry: controls, lone surrogates, direction overrides.

    Parameters
    ----------
    text
        Any text.
    limit
        Longest result; a spreadsheet cell holds 32,767 characters.
    """
    return _UNSAFE.sub("\ufffd", text)[:limit]


COLUMNS: Final[tuple[Column, ...]] = (
    Column("from", Labels("début", "from", "من"), Kind.INSTANT, 17, lambda d, _: d.during.start),
    Column("to", Labels("fin", "to", "إلى"), Kind.INSTANT, 17, lambda d, _: d.during.end),
    Column("site", Labels("site", "site", "الموقع"), Kind.CODE, 10, lambda d, _: d.site),
    Column(
        "site_name",
        Labels("nom du site", "site name", "اسم الموقع"),
        Kind.TEXT,
        26,
        lambda d, _: d.site_name,
    ),
    Column("post", Labels("poste", "post", "المركز"), Kind.TEXT, 20, lambda d, _: d.post),
    Column(
        "capability",
        Labels("capacité", "capability", "القدرة"),
        Kind.TEXT,
        24,
        lambda d, language: capability_name(d.capability, language),
    ),
    Column("group", Labels("groupe", "group", "المجموعة"), Kind.CODE, 14, lambda d, _: d.group),
    Column(
        "group_name",
        Labels("nom du groupe", "group name", "اسم المجموعة"),
        Kind.TEXT,
        26,
        lambda d, _: d.group_name,
    ),
    Column("state", Labels("État", "State", "الدولة"), Kind.CODE, 7, lambda d, _: d.state),
    Column("crew", Labels("équipe", "crew", "الفريق"), Kind.CODE, 16, lambda d, _: d.crew),
    Column("crews", Labels("équipes", "crews", "عدد الفرق"), Kind.NUMBER, 9, lambda d, _: d.crews),
    Column(
        "people", Labels("effectif", "people", "عدد الأفراد"), Kind.NUMBER, 9, lambda d, _: d.people
    ),
    Column("escort", Labels("avec", "with", "برفقة"), Kind.CODE, 14, lambda d, _: d.escort),
    Column(
        "task",
        Labels("mission", "task", "المهمة"),
        Kind.TEXT,
        30,
        lambda d, language: d.task.get(language) if d.task else "",
    ),
    Column("duty", Labels("vacation", "duty", "نوبة العمل"), Kind.CODE, 30, lambda d, _: d.key),
)
"""Every column of a posting list, in the order in which it is written."""
