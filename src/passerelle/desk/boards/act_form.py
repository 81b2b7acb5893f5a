"""A form for any act, made from the fields of its definition (:func:`form_of`).

The names of inputs are paths: ``offers.0.posts``. A list of records shows its rows and one empty row
more; an empty row is left out. A list of single values is a text area, one value a line. What comes back
is read by the same fields into the payload, and the engine checks it again before anything is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.forms import Field

__all__ = ["Control", "FactLine", "controls", "fact_lines", "filled", "read_payload"]

_MOST_ROWS: Final = 60
_KINDS: Final = {"capability": "choice", "yes": "flag"}


@dataclass(frozen=True, slots=True)
class Control:
    """Describe one input, or a group of them.

    Parameters
    ----------
    name
        Path of the field.
    words
        Label in the reader's language.
    kind
        ``line``, ``text``, ``number``, ``date``, ``instant``, ``choice``, ``flag``, ``values``,
        ``record`` or ``rows``.
    value
        What stands in it.
    is_required
        Whether it must be filled.
    choices
        Value and label, for ``choice``.
    parts
        Controls of a record; of each row for ``rows``.
    is_national
        Whether what stands in it stays in the state.
    """

    name: str
    words: str
    kind: str
    value: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple[Control, ...] = ()
    is_national: bool = False

    @property
    def id(self) -> str:
        """Return the id of the input."""
        return "f-" + self.name.replace(".", "-")

    @property
    def first(self) -> tuple[Control, ...]:
        """Parts that must be filled, or hold something."""
        return tuple(part for part in self.parts if part.is_required or part.is_filled)

    @property
    def further(self) -> tuple[Control, ...]:
        """Parts that may be left out, and are empty."""
        return tuple(part for part in self.parts if not (part.is_required or part.is_filled))

    @property
    def is_filled(self) -> bool:
        """Whether something stands in it or in one of its parts."""
        return bool(self.value) or any(part.is_filled for part in self.parts)


@dataclass(frozen=True, slots=True)
class FactLine:
    """Show one field of an act: how deep it stands, its label and its value."""

    depth: int
    words: str
    value: str
    is_head: bool = False


def controls(
    form: Sequence[Field], payload: Mapping[str, Json], language: str, extra_rows: int = 0
) -> Control:
    """Describe the form of an act, as one record.

    Parameters
    ----------
    form
        Fields of the act.
    payload
        What is filled in already.
    language
        Language of the labels.
    extra_rows
        Empty rows beyond the first at the end of each list of records.
    """
    return Control("", "", "record", parts=_record(form, payload, language, "", extra_rows))


def read_payload(form: Sequence[Field], data: Mapping[str, str]) -> dict[str, Json]:
    """Read what was filled in; empty fields and empty rows are left out."""
    return _read_record(form, data, "")


def filled(form: Control) -> list[tuple[str, str]]:
    """List the inputs that hold something, as a browser would send them."""
    found = [(form.name, form.value)] if form.value else []
    return found + [pair for part in form.parts for pair in filled(part)]


def fact_lines(
    form: Sequence[Field], payload: Mapping[str, Json], language: str
) -> tuple[FactLine, ...]:
    """List the fields of an act as they are said, labelled, in the order of the form."""
    return tuple(_lines(form, payload, language, 0))


def _record(
    form: Sequence[Field], payload: Mapping[str, Json], language: str, prefix: str, extra: int
) -> tuple[Control, ...]:
    return tuple(
        _control(f"{prefix}{field.name}", field, payload.get(field.name), language, extra)
        for field in form
    )


def _control(name: str, field: Field, value: Json, language: str, extra: int) -> Control:
    words = field.labels.get(language)
    if field.is_list:
        return _list(name, field, value, language, extra)
    if field.kind == "record":
        inner = value if isinstance(value, dict) else {}
        parts = _record(field.fields, inner, language, f"{name}.", extra)
        return Control(
            name, words, "record", is_required=field.is_required, parts=parts,
            is_national=field.is_national,
        )  # fmt: skip
    kind = _KINDS.get(field.kind, field.kind)
    text = "" if value is None else str(value)
    if kind == "flag":
        text = "yes" if value is True else ""
    if kind == "instant":
        text = text.removesuffix("Z")[:16]
    return Control(
        name, words, kind, text, field.is_required and kind != "flag", _choices(field, language),
        is_national=field.is_national,
    )  # fmt: skip


def _list(name: str, field: Field, value: Json, language: str, extra: int) -> Control:
    words, needed = field.labels.get(language), field.is_required
    found = list(value) if isinstance(value, list | tuple) else []
    if field.kind != "record":
        lines = "\n".join(str(one) for one in found)
        return Control(name, words, "values", lines, needed, _choices(field, language))
    n_rows = min(len(found) + (0 if found else 1) + extra, _MOST_ROWS)
    rows = []
    for place in range(n_rows):
        inner = found[place] if place < len(found) else {}
        inner = inner if isinstance(inner, dict) else {}
        parts = _record(field.fields, inner, language, f"{name}.{place}.", 0)
        rows.append(Control(f"{name}.{place}", f"{words} {place + 1}", "record", parts=parts))
    return Control(name, words, "rows", is_required=needed, parts=tuple(rows))


def _choices(field: Field, language: str) -> tuple[tuple[str, str], ...]:
    if field.kind == "capability":
        return tuple((code, one.labels.get(language)) for code, one in catalogue().items())
    return tuple((code, labels.get(language)) for code, labels in field.choices.items())


def _read_record(form: Sequence[Field], data: Mapping[str, str], prefix: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for field in form:
        value = _read(field, data, f"{prefix}{field.name}")
        if value is not None:
            found[field.name] = value
    return found


def _read(field: Field, data: Mapping[str, str], name: str) -> Json:
    if field.kind == "record" and field.is_list:
        rows = (_read_record(field.fields, data, f"{name}.{n}.") for n in range(_MOST_ROWS))
        return [row for row in rows if row] or None
    if field.kind == "record":
        return _read_record(field.fields, data, f"{name}.") or None
    if field.is_list:
        lines = (line.strip() for line in data.get(name, "").splitlines())
        return [line for line in lines if line] or None
    return _read_scalar(_KINDS.get(field.kind, field.kind), data.get(name, "").strip())


def _read_scalar(kind: str, text: str) -> Json:
    """Read one value; what cannot be read stays text, for the schema to name."""
    if not text:
        return None
    if kind == "flag":
        return True
    if kind == "number" and text.lstrip("-").isdecimal() and len(text) < 17:
        return int(text)
    if kind == "instant" and not text.endswith("Z") and "+" not in text:
        return f"{text}:00Z" if len(text) == 16 else f"{text}Z"
    return text


def _lines(
    form: Sequence[Field], payload: Mapping[str, Json], language: str, depth: int
) -> Sequence[FactLine]:
    found: list[FactLine] = []
    known = {field.name: field for field in form}
    for name in (*known, *(key for key in payload if key not in known)):
        if name not in payload:
            continue
        field, value = known.get(name), payload[name]
        words, inside = _words(name, field, language), () if field is None else field.fields
        if isinstance(value, dict):
            found.append(FactLine(depth, words, "", is_head=True))
            found.extend(_lines(inside, value, language, depth + 1))
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                found.append(FactLine(depth, f"{words} {place + 1}", "", is_head=True))
                inner = row if isinstance(row, dict) else {}
                found.extend(_lines(inside, inner, language, depth + 1))
        elif isinstance(value, list | tuple):
            texts = ", ".join(_text(field, one, language) for one in value)
            found.append(FactLine(depth, words, texts))
        else:
            found.append(FactLine(depth, words, _text(field, value, language)))
    return found


def _text(field: Field | None, value: Json, language: str) -> str:
    if value is True:
        return {"fr": "oui", "ar": "نعم"}.get(language, "yes")
    text = str(value)
    if field is None:
        return text
    if field.kind == "capability" and text in catalogue():
        return catalogue()[text].labels.get(language)
    return field.choices[text].get(language) if text in field.choices else text


def _words(name: str, field: Field | None, language: str) -> str:
    """Return the label of a field; one that the form does not know keeps its vocabulary's words."""
    if field is not None:
        return field.labels.get(language)
    known = vocabulary().fields.get(name)
    return known.get(language) if known else name.replace("_", " ")
