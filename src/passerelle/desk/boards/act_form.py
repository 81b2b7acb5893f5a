"""A form for any act, made from the closed schema of its definition.

The names of inputs are paths: ``offers.0.posts``. A list of records shows its rows and one empty row
more; an empty row is left out. A list of single values is a text area, one value a line. What comes back
is read by the same schema into the payload, and the engine checks it again before anything is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.kernel.canonical import Json

__all__ = ["Control", "FactLine", "controls", "fact_lines", "read_payload"]

_MOST_ROWS: Final = 60
_Schema = dict[str, Any]  # Any: JSON Schema


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
    """

    name: str
    words: str
    kind: str
    value: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple[Control, ...] = ()
    pattern: str = ""

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
    schema: Mapping[str, Any], payload: Mapping[str, Json], language: str, extra_rows: int = 0
) -> Control:
    """Describe the form of an act, as one record.

    Parameters
    ----------
    schema
        Closed JSON Schema of the act.
    payload
        What is filled in already.
    language
        Language of the labels.
    extra_rows
        Empty rows beyond the first at the end of each list of records.
    """
    return Control("", "", "record", parts=_record(schema, payload, language, "", extra_rows))


def read_payload(schema: Mapping[str, Any], data: Mapping[str, str]) -> dict[str, Json]:
    """Read what was filled in; empty fields and empty rows are left out."""
    return _read_record(schema, data, "")


def fact_lines(
    schema: Mapping[str, Any], payload: Mapping[str, Json], language: str
) -> tuple[FactLine, ...]:
    """List the fields of an act as they are said, labelled, in the order of the schema."""
    return tuple(_lines(schema, payload, language, 0))


def _record(
    schema: Mapping[str, Any],
    payload: Mapping[str, Json],
    language: str,
    prefix: str,
    extra: int,
) -> tuple[Control, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _control(
            f"{prefix}{name}",
            _words(name, language),
            rule,
            payload.get(name),
            language,
            is_required=name in required,
            extra=extra,
        )
        for name, rule in schema.get("properties", {}).items()
    )


def _control(
    name: str,
    words: str,
    rule: _Schema,
    value: Json,
    language: str,
    *,
    is_required: bool,
    extra: int,
) -> Control:
    if rule.get("type") == "object":
        inner = value if isinstance(value, dict) else {}
        parts = _record(rule, inner, language, f"{name}.", extra)
        return Control(name, words, "record", is_required=is_required, parts=parts)
    if rule.get("type") == "array":
        return _list(
            name, words, rule["items"], value, language, is_required=is_required, extra=extra
        )
    kind = _kind(rule)
    text = "" if value is None else str(value)
    if kind == "flag":
        text = "yes" if value is True else ""
    if kind == "instant":
        text = text.removesuffix("Z")[:16]
    return Control(
        name, words, kind, text, is_required and kind != "flag", _choices(rule, language),
        pattern=str(rule.get("pattern", "")).strip("^$"),
    )  # fmt: skip


def _list(
    name: str,
    words: str,
    items: _Schema,
    value: Json,
    language: str,
    *,
    is_required: bool,
    extra: int,
) -> Control:
    found = list(value) if isinstance(value, list | tuple) else []
    if items.get("type") != "object":
        lines = "\n".join(str(one) for one in found)
        return Control(name, words, "values", lines, is_required, _choices(items, language))
    n_rows = min(len(found) + (0 if found else 1) + extra, _MOST_ROWS)
    rows = []
    for place in range(n_rows):
        inner = found[place] if place < len(found) else {}
        inner = inner if isinstance(inner, dict) else {}
        parts = _record(items, inner, language, f"{name}.{place}.", 0)
        rows.append(Control(f"{name}.{place}", f"{words} {place + 1}", "record", parts=parts))
    return Control(name, words, "rows", is_required=is_required, parts=tuple(rows))


def _kind(rule: _Schema) -> str:
    if "enum" in rule or rule.get("format") == "capability":
        return "choice"
    if rule.get("type") == "boolean" or "const" in rule:
        return "flag"
    if rule.get("type") == "integer":
        return "number"
    if rule.get("format") in {"date", "instant"}:
        return str(rule["format"])
    return "text" if rule.get("maxLength", 0) > 200 else "line"


def _choices(rule: _Schema, language: str) -> tuple[tuple[str, str], ...]:
    if rule.get("format") == "capability":
        return tuple((code, one.labels.get(language)) for code, one in catalogue().items())
    return tuple((code, _code(code, language)) for code in rule.get("enum", ()))


def _read_record(
    schema: Mapping[str, Any], data: Mapping[str, str], prefix: str
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, rule in schema.get("properties", {}).items():
        value = _read(rule, data, f"{prefix}{name}")
        if value is not None:
            found[name] = value
    return found


def _read(rule: _Schema, data: Mapping[str, str], name: str) -> Json:
    if rule.get("type") == "object":
        return _read_record(rule, data, f"{name}.") or None
    if rule.get("type") == "array":
        if rule["items"].get("type") != "object":
            lines = (line.strip() for line in data.get(name, "").splitlines())
            return [line for line in lines if line] or None
        rows = (_read_record(rule["items"], data, f"{name}.{n}.") for n in range(_MOST_ROWS))
        return [row for row in rows if row] or None
    return _read_scalar(_kind(rule), data.get(name, "").strip())


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
    schema: Mapping[str, Any], payload: Mapping[str, Json], language: str, depth: int
) -> Sequence[FactLine]:
    found: list[FactLine] = []
    properties = schema.get("properties", {})
    for name in (*properties, *(key for key in payload if key not in properties)):
        if name not in payload:
            continue
        rule, value, words = properties.get(name, {}), payload[name], _words(name, language)
        if isinstance(value, dict):
            found.append(FactLine(depth, words, "", is_head=True))
            found.extend(_lines(rule, value, language, depth + 1))
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                found.append(FactLine(depth, f"{words} {place + 1}", "", is_head=True))
                inner = row if isinstance(row, dict) else {}
                found.extend(_lines(rule.get("items", {}), inner, language, depth + 1))
        elif isinstance(value, list | tuple):
            item = rule.get("items", {})
            found.append(FactLine(depth, words, ", ".join(_text(item, v, language) for v in value)))
        else:
            found.append(FactLine(depth, words, _text(rule, value, language)))
    return found


def _text(rule: Mapping[str, Any], value: Json, language: str) -> str:
    if value is True:
        return {"fr": "oui", "ar": "نعم"}.get(language, "yes")
    text = str(value)
    if rule.get("format") == "capability" and text in catalogue():
        return catalogue()[text].labels.get(language)
    return _code(text, language) if "enum" in rule else text


def _words(name: str, language: str) -> str:
    known = vocabulary().fields.get(name)
    return known.get(language[:2]) if known else name.replace("_", " ")


def _code(code: str, language: str) -> str:
    known = vocabulary().codes.get(code)
    return known.get(language[:2]) if known else code
