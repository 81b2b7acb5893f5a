"""Explanations give the figures of the table, and say where they come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.factories.events import NOON, make_event, make_session, make_venue, worked_fixture

from passerelle.planning.need import assess, standard_coefficients
from passerelle.planning.need.explain import Explainer, explain_row
from passerelle.planning.programme import Doubling, Event, SearchLevel, Supporters, Threat

C = standard_coefficients()


def _busy_event() -> Event:
    """Return three sessions of a day at one site with everything that the formulas know."""
    first = make_session(
        id="S1",
        attendance=31_000,
        risk=3,
        vip=2,
        heads_of_state=3,
        teams=("MAR", "ESP"),
        supporters=(Supporters("MAR", 9_000, 700), Supporters("ESP", 2_501)),
        search_level=SearchLevel.FULL,
    )
    second = make_session(
        id="S2",
        start=NOON + timedelta(hours=3),
        attendance=39_999,
        risk=5,
        threat=Threat.HEIGHTENED,
        supporters=(Supporters("MAR", 12_000),),
        teams=("MAR", "ARG"),
    )
    third = make_session(
        id="S3", start=NOON + timedelta(hours=20), sport="Judo", attendance=4_000, risk=1
    )
    return make_event(
        first,
        second,
        third,
        venues=(make_venue(route_km=7.5, rooms_m2=4_000, open_m2=90_000, vehicles=65, vessels=1),),
        doublings=(Doubling("eod", ("STE",), "MAR", baseline=4),),
    )


@pytest.mark.parametrize("event", [worked_fixture(), _busy_event()], ids=["fixture", "busy"])
def test_every_explained_figure_equals_its_row(event: Event) -> None:
    need = assess(event)
    explainer = Explainer.of(event, C)

    figures = [explainer.figure(need, row) for row in range(len(need))]

    assert [(f.low, f.central, f.high, f.minimum, f.weight) for f in figures] == list(
        zip(
            need.low.tolist(),
            need.central.tolist(),
            need.high.tolist(),
            need.minimum.tolist(),
            need.weight.tolist(),
            strict=True,
        )
    )
    assert [f.interval for f in figures] == [need.interval(row) for row in range(len(need))]


def test_an_explanation_names_formula_inputs_coefficients_and_version() -> None:
    event = worked_fixture()
    need = assess(event)
    row = list(need.rows(capability="patrol"))[3]

    told = explain_row(event, C, need, row).explanation

    assert told.formula == "F1"
    assert told.coefficient_version == C.version
    assert told.session_ids == ("S1",)
    assert told.coefficients == (
        "venue.stadium",
        "q.4",
        "threat.maximum",
        "phase.ingress",
        "public-order.4",
    )
    assert told.trace == (
        "STE: S1 ingress",
        "S1: 40,000 people x 12.5 x 1.3 x 1 = 650,000.00",
        "ceil(650,000.00 / 1,000 x 1) = 650 officers",
        "455.00 of them in pairs: ceil(455.00 / 2) = 228",
    )
    assert dict(told.inputs)["attendance S1"] == 40_000


def test_an_explanation_refuses_other_coefficients() -> None:
    event = worked_fixture()
    need = assess(event)
    other = replace(C, version="2020.1-000000000000")

    with pytest.raises(ValueError, match=r"Expected coefficients 2020\.1-000000000000"):
        explain_row(event, other, need, 0)


def test_a_full_house_is_told_when_two_crowds_meet() -> None:
    first = make_session(id="S1", attendance=30_000, part="north")
    event = make_event(first, make_session(id="S2", attendance=30_000, part="south"))
    need = assess(event)
    row = list(need.rows(capability="patrol"))[3]

    told = explain_row(event, C, need, row).explanation

    assert told.trace == (
        "STE: S1 ingress, S2 ingress",
        "S1: 30,000 people x 4 x 1 x 1 = 120,000.00",
        "S2: 30,000 people x 4 x 1 x 1 = 120,000.00",
        "the site holds 42,000 people: at most 168,000.00 together",
        "ceil(168,000.00 / 1,000 x 1) = 168 officers",
        "168.00 of them in pairs: ceil(168.00 / 2) = 84",
    )
