from datetime import UTC, datetime

from passerelle.planning.roster.instance import Base, Group, Instance
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.standards.plans import (
    Change,
    PlanDocument,
    changes,
    follow_plan,
)
from passerelle.standards.plans.from_roster import (
    Names,
    number_crews,
    postings_by_crew,
    postings_by_group,
)

START = datetime(2024, 7, 23, 22, tzinfo=UTC)  # local midnight in Paris
NAMES = Names("Europe/Paris", {"STE": "Saint-Étienne"}, {"MA-EOD": "Déminage"}, {"MA-EOD": "MA"})
A, B, C = (Duty(hour * 60, hour * 60 + 480, "STE", "eod") for hour in (6, 30, 54))


def instance() -> Instance:
    group = Group("MA-EOD", "MA-2024", ("eod",), 5, 2, "LYO", ((0, 4320),))
    return Instance("t", START, 3, 60, (Base("LYO", {"STE": 0}),), (group,), (), ())


def plan(*lines: tuple[int, tuple[Duty, ...]]) -> Plan:
    return Plan("x", tuple(Line("MA-EOD", crews, duties) for crews, duties in lines))


def test_like_crews_on_a_duty_are_one_posting() -> None:
    book = number_crews(plan((2, (A, C)), (1, (A,))))

    first, second = postings_by_group(instance(), book, NAMES)

    assert (first.key, first.crew, first.crews, first.people) == (
        "MA-EOD.STE.eod.20240724.1",
        "1-3",
        3,
        6,
    )
    assert (first.site_name, first.group_name, first.state) == ("Saint-Étienne", "Déminage", "MA")
    assert first.during.start == datetime(2024, 7, 24, 4, tzinfo=UTC)
    assert (second.crew, second.crews) == ("1-2", 2)


def test_each_crew_has_its_own_postings() -> None:
    book = number_crews(plan((1, (A, C)), (1, (B,))))

    found = [(p.key, p.crew, p.people) for p in postings_by_crew(instance(), book, NAMES)]

    assert found == [
        ("MA-EOD.1.20240724.1", "MA-EOD-1", 2),
        ("MA-EOD.1.20240726.1", "MA-EOD-1", 2),
        ("MA-EOD.2.20240725.1", "MA-EOD-2", 2),
    ]


def test_crews_keep_their_numbers_and_the_nearest_takes_a_changed_line() -> None:
    before = number_crews(plan((1, (A, B)), (1, (B, C)), (1, (A, C))))

    after = number_crews(plan((1, (A, C)), (1, (A,)), (1, (B, C))), before)

    assert after == {"MA-EOD": ((A,), (B, C), (A, C))}


def test_a_crew_that_rests_keeps_its_place_for_the_others() -> None:
    before = number_crews(plan((1, (A,)), (1, (B,)), (1, (C,))))

    assert number_crews(plan((1, (C,))), before) == {"MA-EOD": ((), (), (C,))}


def test_a_replan_tells_only_the_crew_that_moved() -> None:
    first, second = plan((2, (A,)), (1, (B,))), plan((1, (A,)), (1, (C,)), (1, (B,)))
    before = number_crews(first)
    after = number_crews(second, before)

    def document(book: object, version: int) -> PlanDocument:
        return PlanDocument(
            event="e",
            event_name="E",
            zone="Europe/Paris",
            version=version,
            published=START,
            postings=postings_by_crew(instance(), book, NAMES),  # type: ignore[arg-type]
        )

    told = follow_plan({}, document(before, 1))
    again = follow_plan(told, document(after, 2))

    assert changes(told, again) == {
        "MA-EOD.2.20240724.1": Change.CANCELLED,
        "MA-EOD.2.20240726.1": Change.NEW,
    }
