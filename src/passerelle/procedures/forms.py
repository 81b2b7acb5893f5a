"""The fields of an act as a form: names in three languages, kinds, choices, what must be filled in.

Any page can be made from a definition alone; no page knows a procedure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.labels import Labels
    from passerelle.procedures.definition import ActRule

__all__ = ["Field", "form_of"]

_LONG: Final = 1000
_MOST_FORMS: Final = 1024
_FORMS: Final[dict[int, tuple[ActRule, tuple[Field, ...]]]] = {}
"""Forms by the id of the rule; the rule is held so that its id stays its own."""


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one field of a form.

    Parameters
    ----------
    name
        Key in the payload.
    labels
        Name in three languages.
    kind
        ``record``, ``choice``, ``yes``, ``flag``, ``number``, ``date``, ``instant``, ``capability``,
        ``text`` or ``line``.
    is_list
        Whether several may be given.
    is_required
        Whether it must be filled in.
    is_national
        Whether it stays in the state.
    choices
        Labels by code, of a choice.
    fields
        Fields of a record.
    """

    name: str
    labels: Labels
    kind: str
    is_list: bool
    is_required: bool
    is_national: bool
    choices: Mapping[str, Labels]
    fields: tuple[Field, ...]


def form_of(rule: ActRule) -> tuple[Field, ...]:
    """Return the fields of an act, in the order of the file; made once a rule."""
    known = _FORMS.get(id(rule))
    if known is None:
        if len(_FORMS) >= _MOST_FORMS:
            _FORMS.clear()
        form = _fields(rule.schema.document, frozenset(rule.national_fields))
        known = _FORMS[id(rule)] = (rule, form)
    return known[1]


def _fields(document: Mapping[str, Any], national: frozenset[str]) -> tuple[Field, ...]:
    words = vocabulary()
    found = []
    for name, rule in document["properties"].items():
        is_list = rule.get("type") == "array"
        inner = rule["items"] if is_list else rule
        kind = _kind(inner)
        found.append(
            Field(
                name=name,
                labels=words.fields[name],
                kind=kind,
                is_list=is_list,
                is_required=name in document["required"],
                is_national=name in national,
                choices={code: words.codes[code] for code in inner.get("enum", ())},
                fields=_fields(inner, frozenset()) if kind == "record" else (),
            )
        )
    return tuple(found)


def _kind(rule: Mapping[str, Json]) -> str:
    named = {"object": "record", "boolean": "flag", "integer": "number"}
    if "enum" in rule:
        return "choice"
    if "const" in rule:
        return "yes"
    if "format" in rule:
        return str(rule["format"])
    if rule["type"] in named:
        return named[str(rule["type"])]
    longest = rule.get("maxLength", 0)
    return "text" if isinstance(longest, int) and longest > _LONG else "line"
