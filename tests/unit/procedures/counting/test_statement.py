"""The statement of a cohort: the same bytes from both sides, and what becomes public of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.factories.standing import adopted, contested
from tests.unit.procedures.counting.test_contract import COHORT, END, files

from passerelle.procedures.counting.cohorts import Balance, Category
from passerelle.procedures.counting.publication import prepare
from passerelle.procedures.counting.statement import (
    Holdings,
    figures_of,
    statement,
    statement_bytes,
)
from passerelle.procedures.counting.visa_code import Declared, StageFact, visa_code_counts
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import fold
from passerelle.procedures.sharing import shared_view, to_shared

DECLARED = Declared(3301, 80, "Official table, January to July 2021", {StageFact.FLIGHTS: False})


def seen_by_partner(full: Dossier) -> Dossier:
    """Fold what the partner got of a dossier."""
    acts = [act for step in full.steps if (act := to_shared(full.definition, step)) is not None]
    bound = full.procedure.__class__(
        shared_view(full.definition), full.procedure.corridor, full.procedure.parties
    )
    found = fold(full.case, bound, acts)
    assert isinstance(found, Dossier), found
    return found


def all_dossiers() -> list[Dossier]:
    return [
        *(talk.now_dossier for talk in files()),
        adopted().now_dossier,
        contested().now_dossier,
    ]


def test_both_sides_compute_the_same_bytes() -> None:
    ours = all_dossiers()
    theirs = [seen_by_partner(one) for one in ours]

    own = statement_bytes(COHORT, Holdings.of(ours, "fr-ma"), END, DECLARED)
    other = statement_bytes(COHORT, Holdings.of(theirs, "fr-ma"), END, DECLARED)

    assert own == other
    assert b'"missing":0' in own
    assert len(own) > 2000


def test_every_indicator_from_1_to_16_has_its_line() -> None:
    found = statement(COHORT, Holdings.of(all_dossiers(), "fr-ma"), END, DECLARED)

    numbers = {one.indicator.split("-")[0] for one in figures_of(found)}

    judicial_without_requests = {"I16"}
    assert {f"I{n}" for n in range(1, 17)} - numbers <= judicial_without_requests | {"I6"}
    assert found["judicial"] == {
        "requests": 0,
        "median_days": {"acknowledge": None, "admit": None, "complete": None},
        "refusals": {},
    }


def test_nothing_after_the_cut_off_counts() -> None:
    ours = all_dossiers()
    early = datetime(2024, 4, 22, 10, tzinfo=UTC)

    found: Any = statement(COHORT, Holdings.of(ours, "fr-ma"), early)

    assert found["requests"] == 0
    assert found["contested"]["denominator"] == 0


def test_i11_states_counts_and_facts_and_no_sum_of_them() -> None:
    found: Any = visa_code_counts(
        Balance(242, {Category.ISSUED_USEFUL: 90, Category.PENDING: 10}), DECLARED
    )

    assert [(one["id"], one["numerator"], one["denominator"]) for one in found["rates"]] == [
        ("I11-returned", 80, 3301),
        ("I11-accepted", 100, 242),
    ]
    assert found["rates"][0]["percent"] == "2.42"
    assert found["stage_facts"] == {
        "identification-assisted": None, "documents-in-time": None, "eu-document-accepted": None,
        "return-accepted": None, "flights-accepted": False,
    }  # fmt: skip
    assert set(found) == {"rates", "decisions", "source", "stage_facts"}


def test_more_returns_than_decisions_are_refused() -> None:
    with pytest.raises(ValueError, match="forced_returns <= decisions"):
        Declared(10, 11, "Official table", {})


def counted(**categories: int) -> dict[str, Any]:
    """Build the part of a statement that publication reads."""
    rate = {"id": "I14", "numerator": 1, "denominator": 2}
    return {
        "categories": {one.value: categories.get(one.value, 0) for one in Category},
        "groups": [{"dormancy": {"numerator": 30, "denominator": 180}}],
        "follow_up": rate,
        "contested": {**rate, "id": "I15"},
        "judicial": {"refusals": {"political": 2, "formal": 30}},
    }


def test_public_rates_follow_from_public_figures_alone() -> None:
    found = prepare(counted(Du=91, Dl=43, P=33, N=41, X=12, U=22, W=14, O=61))

    assert (found["Du"].numerator, found["R"].numerator) == (90, 315)
    assert (found["I1"].numerator, found["I1"].denominator) == (90, 315)
    assert found["I1"].percent == "28.57"
    assert (found["I15"].numerator, found["I12-1"].denominator) == (1, 180)


def test_a_small_category_is_suppressed_and_never_alone() -> None:
    found = prepare(counted(Du=91, Dl=3, P=33, N=41, X=12, U=22, W=14, O=61))

    hidden = [one.indicator for one in found.figures if one.is_suppressed]
    assert "Dl" in hidden
    assert len([one for one in hidden if one in {c.value for c in Category} | {"R"}]) >= 2
    assert found["I2"].is_suppressed
    assert found["I16-political"].is_suppressed
    assert found.n_suppressed == len(hidden)


def test_the_digest_of_a_publication_changes_with_any_figure() -> None:
    one = prepare(counted(Du=91, Dl=43, P=33, N=41, X=12, U=22, W=14, O=61))
    other = prepare(counted(Du=96, Dl=43, P=33, N=41, X=12, U=22, W=14, O=61))

    assert one.digest != other.digest
    assert one.digest == prepare(counted(Du=91, Dl=43, P=33, N=41, X=12, U=22, W=14, O=61)).digest
