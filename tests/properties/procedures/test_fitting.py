"""The quick test of fields believes nothing that the validator refuses, and knows all that it accepts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from passerelle.procedures.fitting import fit_of
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.schema import _READERS, _formats

_TEXTS = (
    "A", "fr", "FR", "a-b.c", "2024-07-24", "2024-07-24T10:00:00Z", "2024-02-30", "12:30", "patrol",
    "eod", "", "\n", "x" * 250, "f" * 64, "FR\n", "é 1", "full", "host",
)  # fmt: skip
_SCALARS = st.sampled_from(_TEXTS) | st.integers(-2, 3) | st.booleans() | st.none()
_ANY = _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(st.just("x"), _SCALARS)


def _like(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw what mostly fits a schema, and sometimes does not."""
    kind = schema.get("type")
    if kind == "object":
        parts = {name: _like(part) for name, part in schema["properties"].items()}
        must = {name: parts.pop(name) for name in schema["required"]}
        found: st.SearchStrategy[Any] = st.fixed_dictionaries(must, optional=parts)
        return st.one_of(found, found, found, _ANY, st.builds(lambda a: {**a, "else": 1}, found))
    if kind == "array":
        return st.lists(_like(schema["items"]), max_size=2) | _ANY
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | _ANY
    if "const" in schema:
        return st.just(schema["const"]) | _ANY
    if kind == "string" and "pattern" in schema:
        return st.from_regex(schema["pattern"]) | _ANY
    return {"integer": st.integers(-2, 9), "boolean": st.booleans()}.get(str(kind), _ANY) | _ANY


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_quick_test_and_validator_agree_on_every_field(name: str, data: st.DataObject) -> None:
    rules = definition(name).acts
    document: Any = rules[data.draw(st.sampled_from(sorted(rules)))].schema.document
    fields = document["properties"]
    if not fields:
        return
    part = fields[data.draw(st.sampled_from(sorted(fields)))]
    value = data.draw(_like(part))

    quick = fit_of(part, _READERS)(value)

    assert quick is Draft202012Validator(part, format_checker=_formats()).is_valid(value)


def test_schema_with_a_keyword_nobody_knows_is_never_sure() -> None:
    assert not fit_of({"type": "string", "not": {}}, _READERS)("a")
