"""The counting contract: balance, indicators, survival, publication."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from tests.factories.dossiers import Talk, procedure
from tests.factories.files import (
    decision,
    envelope,
    in_verification,
    ready,
    recognised,
    sending,
    sent,
)

from passerelle.procedures.counting.cases import Case, read_case
from passerelle.procedures.counting.cohorts import (
    Balance,
    Category,
    Cohort,
    balance,
    classify,
    select,
)
from passerelle.procedures.counting.groups import contested, dormancy, safeguard_rates
from passerelle.procedures.counting.indicators import (
    INDICATORS,
    Rate,
    export,
    rates_of,
    results_bytes,
    results_of,
)
from passerelle.procedures.counting.release import (
    LEAST_VALUES,
    THRESHOLD,
    bounds,
    publish,
    refuse_overlap,
)
from passerelle.procedures.counting.survival import Duration, quantile_days, survival
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import apply, fold
from passerelle.procedures.sharing import shared_view, to_shared
from passerelle.procedures.values import Refusal

COHORT = Cohort("fr-ma", date(2024, 1, 1), date(2024, 12, 31), date(2025, 6, 30))
END = datetime(2025, 6, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("useful", "requests", "percent"), [(20, 27, "74.07"), (30, 56, "53.57"), (90, 242, "37.19")]
)
def test_i1_has_the_published_check_values(useful: int, requests: int, percent: str) -> None:
    found = Balance(requests, {Category.ISSUED_USEFUL: useful})

    assert rates_of(found)[0].percent == percent


def test_table_of_2004_fails_the_balance_by_ten() -> None:
    table = Balance(
        56,
        {
            Category.ISSUED_USEFUL: 30,
            Category.ISSUED_LATE: 1,
            Category.REFUSED: 15,
            Category.UNANSWERED: 0,
        },
    )

    assert table.missing == 10


def case(number: int = 1, **changes: Any) -> Case:
    return replace(Case("fr-ma", f"s{number}", date(2024, 5, 1), date(2024, 5, 2)), **changes)


@pytest.mark.parametrize(
    ("changes", "category"),
    [
        ({"document_on": date(2024, 6, 1), "is_useful": True}, "Du"),
        ({"document_on": date(2024, 6, 1)}, "Dl"),
        ({"answer": "recognised"}, "P"),
        ({"answer": "not-national"}, "N"),
        ({"answer": "other"}, "X"),
        ({"due_on": date(2024, 6, 1)}, "U"),
        ({"is_paused": True, "answer": "recognised"}, "W"),
        ({"due_on": date(2026, 1, 1)}, "O"),
    ],
)
def test_each_case_falls_into_one_category(changes: dict[str, Any], category: str) -> None:
    assert classify(case(**changes), COHORT.cut_off).value == category


def test_every_random_cohort_balances() -> None:
    rng = Random(7)
    for _ in range(200):
        cases = [
            case(
                rng.randint(1, 40),
                sent_on=date(2024, 1, 1) + timedelta(days=rng.randint(-40, 500)),
                is_paused=rng.random() < 0.2,
                answer=rng.choice(("", "recognised", "not-national", "other")),
                document_on=rng.choice((None, date(2024, 9, 1))),
                received_on=rng.choice((None, date(2024, 6, 1))),
                due_on=rng.choice((None, date(2024, 8, 1), date(2026, 1, 1))),
            )
            for _ in range(60)
        ]

        assert balance(COHORT, cases).missing == 0


def test_person_counts_once_and_withdrawal_before_receipt_does_not() -> None:
    cases = [
        case(1),
        case(1, sent_on=date(2024, 8, 1)),
        case(2, is_paused=True, received_on=None),
        case(3, sent_on=date(2023, 12, 31)),
        case(4, corridor="fr-xx"),
    ]

    assert [one.sent_on for one in select(COHORT, cases)] == [date(2024, 5, 1)]


def files() -> list[Talk]:
    """Five files of different outcome, each on another synthetic person."""
    found = [in_verification(), recognised(), sent(), in_verification(), in_verification()]
    found[3].say("not-recognise", **decision(reasons_code="no-entry"))
    found[4].say("hold", reason_code="appeal")
    renamed = []
    for number, talk in enumerate(found):
        steps = tuple(
            replace(
                step,
                act=replace(
                    step.act,
                    payload=step.act.payload
                    | {"envelope": envelope(names=f"Exemple {'abcdefgh'[number]}")}
                    if step.act.name == "send"
                    else step.act.payload,
                ),
            )
            for step in talk.now_dossier.steps
        )
        talk.dossier = replace(talk.now_dossier, steps=steps)
        renamed.append(talk)
    return renamed


def as_partner_sees(talk: Talk) -> Dossier:
    full = talk.procedure.definition
    bound = replace(talk.procedure, definition=shared_view(full), rules=())
    view: Dossier | Refusal | None = None
    for step in talk.now_dossier.steps:
        act = to_shared(full, step)
        if act is not None:
            view = fold("case", bound, [act]) if view is None else apply(view, act)
    assert isinstance(view, Dossier)
    return view


def test_both_sides_compute_the_same_bytes() -> None:
    talks = files()
    ours = [read_case(talk.now_dossier, END) for talk in talks]
    theirs = [read_case(as_partner_sees(talk), END) for talk in reversed(talks)]

    assert results_bytes(COHORT, ours, 100) == results_bytes(COHORT, theirs, 100)
    found = results_of(COHORT, ours)
    assert found["categories"] == {
        "Du": 0, "Dl": 0, "P": 1, "N": 1, "X": 0, "U": 2, "W": 1, "O": 0,
    }  # fmt: skip
    assert found["missing"] == 0


def test_case_is_read_as_known_at_the_cut_off() -> None:
    talk = recognised()
    early = talk.acts[-1].at - timedelta(minutes=1)

    assert read_case(talk.now_dossier, END).answer == "recognised"
    assert read_case(talk.now_dossier, early).answer == ""
    assert read_case(ready().now_dossier, END) is None


def test_s40_rate_is_not_exported_without_its_base_cohort_and_other_side() -> None:
    own = Rate("I1", 20, 27)

    assert isinstance(export(own, None, COHORT), Refusal)
    assert isinstance(export(own, own, None), Refusal)
    assert isinstance(export(Rate("I1", 0, 0), own, COHORT), Refusal)
    found = export(own, Rate("I1", 19, 27), COHORT)
    assert not isinstance(found, Refusal)
    assert found["is_agreed"] is False
    assert {"numerator", "denominator", "cohort", "version", "other_side", "definition"} <= set(
        found
    )


def test_s40_unknown_indicator_is_not_a_rate() -> None:
    assert len(INDICATORS) == 22
    with pytest.raises(ValueError, match="I99"):
        Rate("I99", 1, 2)


def test_survival_takes_open_files_as_censored() -> None:
    waits = [Duration(2, False), Duration(3, True), Duration(5, False), Duration(8, True)]

    assert survival(waits) == ((2, Fraction(3, 4)), (5, Fraction(3, 8)))
    assert quantile_days(waits, Fraction(1, 2)) == 5
    assert quantile_days(waits, Fraction(9, 10)) is None


def test_survival_without_open_files_is_the_empirical_share() -> None:
    waits = [Duration(day, False) for day in (1, 2, 3, 4)]

    assert [share for _, share in survival(waits)] == [
        Fraction(3, 4), Fraction(1, 2), Fraction(1, 4), Fraction(0),
    ]  # fmt: skip


def random_table(rng: Random) -> list[list[int]]:
    rows, columns = rng.randint(2, 4), rng.randint(2, 4)
    high = rng.choice((8, 20, 60))
    return [[rng.randint(0, high) for _ in range(columns)] for _ in range(rows)]


TABLES = int(os.environ.get("TEST_ATTACKS", "60"))


@pytest.mark.parametrize("part", range(max(TABLES // 20, 1)))
def test_s39_attack_from_totals_and_two_releases_recovers_no_cell(part: int) -> None:
    for seed in range(part * 20, part * 20 + 20):
        rng = Random(seed)
        table = random_table(rng)
        first = publish(table)
        merged = [[a + b for a, b in zip(table[0], table[1], strict=True)], *table[2:]]
        n = len(table) * len(table[0])
        columns = len(table[0])
        second = _unmerge(publish(merged), columns) if len(merged) > 1 else []
        known = [*first.figures, *second]
        hidden = [cell for cell in range(n) if first.figures[cell].shown is None]

        found = bounds(n, known, hidden)

        for cell in hidden:
            value = table[cell // columns][cell % columns]
            assert value in found[cell]
            assert len(found[cell]) > 1, (seed, cell)


def _unmerge(release: Any, columns: int) -> list[Any]:
    """Express the figures of a table with its first two rows added in cells of the full table."""

    def spread(cell: int) -> tuple[int, ...]:
        return (cell, cell + columns) if cell < columns else (cell + columns,)

    return [
        replace(figure, cells=tuple(one for cell in figure.cells for one in spread(cell)))
        for figure in release.figures
    ]


def test_s39_no_cell_of_a_table_of_one_line_is_recovered() -> None:
    rng = Random(39)
    for _ in range(int(os.environ.get("S39_LINES", "60"))):
        values = [rng.choice((rng.randint(0, 12), rng.randint(0, 80))) for _ in range(8)]
        release = publish([values])
        hidden = [place for place in range(8) if release.cell(0, place) is None]
        found = bounds(8, release.figures, hidden)

        assert len(release.figures) == 9
        assert len(hidden) != 1 or release.figures[-1].shown is None
        for place in hidden:
            assert values[place] in found[place]
            assert len(found[place]) >= LEAST_VALUES, (values, place)


def test_s39_small_cells_are_suppressed_and_the_rest_rounded() -> None:
    release = publish([[3, 41, 37], [52, 28, 12], [22, 33, 44]])

    assert release.cell(0, 0) is None
    shown = [figure.shown for figure in release.figures if figure.shown is not None]
    assert all(value % 5 == 0 and value >= THRESHOLD for value in shown)
    assert sum(release.cell(0, column) is None for column in range(3)) >= 2
    assert len(bounds(9, release.figures, [0])[0]) >= LEAST_VALUES


def test_s39_cohort_that_overlaps_a_published_one_is_refused() -> None:
    shifted = Cohort("fr-ma", date(2024, 2, 1), date(2025, 1, 31), date(2025, 6, 30))
    refusal = refuse_overlap(shifted, [COHORT])

    assert refusal is not None
    assert refusal.code == "statistics.overlap"
    assert refuse_overlap(replace(COHORT, cut_off=date(2025, 12, 31)), [COHORT]) is None


def test_safeguard_rates_of_sound_files_are_full() -> None:
    talks = files()

    found = {rate.id: rate for rate in safeguard_rates([t.now_dossier for t in talks], [], [], END)}

    assert (found["G1"].numerator, found["G1"].denominator) == (5, 5)
    assert found["G2"].numerator == 0
    assert (found["G4"].numerator, found["G4"].denominator) == (2, 2)


CHARTER = {
    "group_name": "Permanent mixed migration group", "quorum": 4,
    "working_languages": ["fr", "ar"], "dispute_step": "ministers", "period_days": 180,
}  # fmt: skip


def meeting() -> Talk:
    talk = Talk(procedure("meeting"))
    talk.say(
        "call", charter=CHARTER, starts_at="2024-05-10T09:00:00Z", place="Rabat",
        items_proposed=["Consular passes"],
    )  # fmt: skip
    talk.sign("agree-agenda", agenda=["Consular passes"])
    return talk


def test_meeting_needs_quorum_decisions_followed_up_and_a_next_date() -> None:
    talk = meeting()
    assert talk.refusal("hold", on="2024-05-10", present_first=4, present_second=0) == (
        "meeting.quorum"
    )
    talk.say("hold", on="2024-05-10", present_first=4, present_second=3)
    decisions = [{"decision": "D1", "text": "Meet every six months."}]
    talk.say("draft-minutes", minutes_hash="a" * 64, decisions=decisions, languages=["fr"])
    assert talk.refusal("exchange", minutes_hash="b" * 64) == "meeting.other-minutes"
    talk.say("exchange", minutes_hash="a" * 64)
    talk.sign("adopt", minutes_hash="a" * 64)

    assert talk.refusal("follow-up") == "meeting.decisions"
    talk.say("link-decision", decision="D1", commitment_case="case-9")
    talk.say("follow-up")
    assert talk.refusal("close") == "meeting.no-next"
    talk.sign("close", next_on="2024-11-10")
    assert talk.state == "closed"
    assert dormancy([talk.now_dossier], talk.now.date()).percent == "0.00"


def test_dormant_group_is_over_its_period() -> None:
    talk = meeting()

    rate = dormancy([talk.now_dossier], talk.now.date() + timedelta(days=730))

    assert Fraction(rate.numerator, rate.denominator) > 4


def test_commitment_is_verified_by_the_other_side_and_two_statuses_stay_two() -> None:
    talk = Talk(procedure("commitment"))
    wording = {"fr": "Délivrer.", "en": "Issue.", "ar": "إصدار."}
    talk.say(
        "propose", origin={"origin_text": "Joint declaration", "origin_date": "2025-03-10"},
        pillar="Migration", objective="Passes", action_text=wording, sector="migration",
    )  # fmt: skip
    sheet = {
        "indicator_name": "I1", "baseline": 37, "target": 60, "indicator_unit": "%",
        "indicator_source": "statistics release",
    }  # fmt: skip
    talk.sign(
        "agree", action_text=wording, lead_first="Directorate", lead_second="Consulates",
        due_on="2024-12-31", indicator=sheet, publicity_class="public",
    )  # fmt: skip
    talk.say("start")
    talk.say("report", side_="first", own_status="late", phase="working")
    talk.say("report", side_="second", own_status="on-track", phase="working")
    talk.say("claim", side_="second", evidence_link="register entry 7")

    assert talk.refusal("verify", side_="second", on="2024-12-01", scale="complete") == (
        "commitment.own-claim"
    )
    assert (contested([talk.now_dossier]).numerator, talk.state) == (1, "delivered-claimed")
    talk.say("verify", side_="first", on="2024-12-01", scale="limited")
    assert talk.state == "verified"


def test_sending_factory_is_used() -> None:
    talk = ready()
    talk.say("send", **sending(talk))
    assert talk.state == "sent"
