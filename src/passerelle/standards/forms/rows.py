"""A row of a form that was read, with its place in the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.standards.forms.fields import FORMS, Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["PREPARED", "Row", "letter"]

PREPARED: Final = frozenset(
    {"line", "capability", "posts", "present", "people", "places", "from", "to"}
)
"""Fields that stand ready in the offers sheet."""


def letter(index: int) -> str:
    """Return the letters of a column, counted from 0.

    Examples
    --------
    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one row.

    Parameters
    ----------
    form
        Its form.
    number
        Row number in the sheet, from 1.
    values
        What was read, by field name.
    bad
        Fields whose cell has an issue already.
    """

    form: Form
    number: int
    values: Mapping[str, Json]
    bad: frozenset[str]

    @property
    def is_answered(self) -> bool:
        """Whether somebody wrote more than what stood ready."""
        return bool((self.values.keys() | self.bad) - PREPARED) or self.form is not Form.OFFERS

    def cell(self, name: str) -> str:
        """Return the address of a field in this row, for example ``H7``."""
        names = [field.name for field in FORMS[self.form]]
        return f"{letter(names.index(name))}{self.number}"
