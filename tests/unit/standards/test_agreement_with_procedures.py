"""What comes in by form or message fits the acts of the reinforcement procedure, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories.forms import ANIMAL, OFFER, PERSON, REQUEST, filled
from tests.unit.standards.rm.test_acts import ITEM, LINE, PAYLOADS
from tests.unit.standards.rm.test_acts import OFFER as RM_OFFER

from passerelle.procedures.loading import definition, records
from passerelle.procedures.schema import Schema, closed_object
from passerelle.standards.forms import Form, read_workbook
from passerelle.standards.forms.fields import FORMS, NEEDED_IN_OFFER, Kind
from passerelle.standards.rm.acts import MESSAGES, ROWS
from passerelle.standards.rm.fields import RECORDS

RECORD_OF = {Form.OFFERS: "offer", Form.PEOPLE: "roll-person", Form.ANIMALS: "roll-animal"}
ONLY_IN_FORM = {"reason_code"}  # becomes the act decline


def schema_of(act: str) -> Schema:
    return definition("reinforcement").acts[act].schema


def test_a_read_workbook_makes_acts_that_the_procedure_takes() -> None:
    rows = {Form.OFFERS: [OFFER], Form.PEOPLE: [PERSON], Form.ANIMALS: [ANIMAL]}

    answers = read_workbook(filled(rows), REQUEST, name="answer.xlsx")

    assert schema_of("offer").check({"offers": list(answers.offers)}) is None
    named: dict[str, Any] = {
        "persons_named": list(answers.people),
        "animals_named": list(answers.animals),
    }
    assert schema_of("name").check(named) is None


@pytest.mark.parametrize("form", list(Form))
def test_a_form_asks_for_fields_of_the_record_and_for_all_that_it_needs(form: Form) -> None:
    notation = records()[RECORD_OF[form]]
    known = {name.removesuffix("?") for name in notation}
    needed = {name for name in notation if not name.endswith("?")}
    asked = {field.name for field in FORMS[form]} - ONLY_IN_FORM
    required = {field.name for field in FORMS[form] if field.is_required}
    if form is Form.OFFERS:
        required |= {*NEEDED_IN_OFFER, "offer"}  # an offer without a reference is given one

    assert asked <= known
    assert needed <= required


@pytest.mark.parametrize("form", list(Form))
def test_the_choices_of_a_form_are_the_words_of_the_record(form: Form) -> None:
    notation = {name.removesuffix("?"): kind for name, kind in records()[RECORD_OF[form]].items()}
    for field in FORMS[form]:
        if field.kind is Kind.CHOICE and field.name not in ONLY_IN_FORM:
            words = set(notation[field.name].removeprefix("code:").split("|"))
            assert {code for code, _ in field.choices} - {"declined"} == words


def test_the_acts_that_messages_stand_for_exist() -> None:
    acts = {act for use in MESSAGES.values() for act in use.acts}

    assert acts <= set(definition("reinforcement").acts)
    assert set(ROWS) <= acts


@pytest.mark.parametrize(
    ("kind", "record"), [("request-line", LINE), ("offer", RM_OFFER), ("commitment-line", ITEM)]
)
def test_the_records_in_messages_are_those_of_the_procedure(
    kind: str, record: dict[str, Any]
) -> None:
    assert kind in RECORDS
    assert Schema(closed_object(records()[kind], records())).check(record) is None


@pytest.mark.parametrize("act", [act for act in PAYLOADS if act not in {"request", "commit"}])
def test_the_payloads_of_the_message_tests_are_acts(act: str) -> None:
    assert schema_of(act).check(PAYLOADS[act]) is None
