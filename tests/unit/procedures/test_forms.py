"""Every act gives a form in three languages from its definition alone."""

from __future__ import annotations

import pytest

from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import DEFINITIONS, definition


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_act_has_a_form_with_words_and_choices(name: str) -> None:
    for rule in definition(name).acts.values():
        form = form_of(rule)

        assert tuple(field.name for field in form) == rule.schema.fields
        assert {field.name for field in form if field.is_required} == rule.schema.required
        for field in form:
            assert (field.kind == "choice") is bool(field.choices)
            assert (field.kind == "record") is bool(field.fields)


def test_form_of_a_request_shows_its_lines_as_records() -> None:
    form = {field.name: field for field in form_of(definition("reinforcement").acts["request"])}
    line = {field.name: field for field in form["lines"].fields}

    assert (form["lines"].kind, form["lines"].is_list) == ("record", True)
    assert line["capability"].kind == "capability"
    assert line["task"].kind == "text"
    assert line["command"].choices["host"].fr == "hôte"
    assert form["answer_by"].labels.ar == "الجواب قبل"


def test_form_says_which_fields_stay_in_the_state() -> None:
    form = {field.name: field for field in form_of(definition("identification").acts["send"])}

    assert form["notice"].is_national
    assert not form["envelope"].is_national
