"""A form made from a schema gives back what was filled in, in any of the procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import item, offer, request

from passerelle.desk.boards.act_form import Control, controls, fact_lines, read_payload
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import DEFINITIONS, definition

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json


def filled(form: Control) -> dict[str, str]:
    """Return what a browser sends for a form that is left as it stands."""
    found: dict[str, str] = {}
    for part in form.parts:
        if part.kind in {"record", "rows"}:
            found |= filled(part)
        elif part.kind != "flag" or part.value:
            found[part.name] = part.value
    return found


@pytest.mark.parametrize(
    ("act", "payload"),
    [
        ("request", request()),
        ("offer", {"offers": [offer(), offer("O2", posts=2)], "remarks": "Two crews stay."}),
        ("commit", {"commitment": "C1", "level": "technical", "items": [item()]}),
    ],
)
def test_what_is_shown_is_what_comes_back(act: str, payload: dict[str, Json]) -> None:
    rule = definition("reinforcement").acts[act]
    form = form_of(rule)

    read = read_payload(form, filled(controls(form, payload, "fr")))

    assert read == payload
    assert rule.schema.check(read) is None


def test_an_empty_row_is_left_out_and_a_wrong_number_stays_for_the_schema_to_name() -> None:
    rule = definition("reinforcement").acts["offer"]
    form = form_of(rule)

    assert read_payload(form, {"offers.0.posts": " "}) == {}
    wrong = read_payload(form, {"offers.0.posts": "four"})
    assert wrong == {"offers": [{"posts": "four"}]}
    assert rule.schema.check(wrong) is not None


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_act_of_every_procedure_has_a_form_in_the_readers_words(
    name: str, language: str
) -> None:
    for rule in definition(name).acts.values():
        form = controls(form_of(rule), {}, language)

        assert {part.name for part in form.parts} == set(rule.schema.document["properties"])
        assert all(part.words and "_" not in part.words for part in form.parts), rule.name


def test_required_fields_come_first_and_filled_ones_stay_in_sight() -> None:
    fields = form_of(definition("reinforcement").acts["offer"])

    form = controls(fields, {"offers": [offer(remarks_are="")], "remarks": "Seen"}, "en")

    assert [part.name for part in form.first] == ["offers", "remarks"]
    assert [part.name for part in controls(fields, {}, "en").further] == ["remarks"]


def test_fields_are_shown_in_the_order_of_the_schema_with_their_words() -> None:
    fields = form_of(definition("reinforcement").acts["offer"])

    lines = fact_lines(fields, {"remarks": "Noted", "offers": [offer()]}, "fr")

    assert (lines[0].words, lines[0].is_head) == ("offres 1", True)
    assert lines[-1].value == "Noted"
    assert any(line.value == "déminage" for line in lines)
