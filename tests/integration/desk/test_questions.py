"""Questions to the planner on the roster and the coverage pages, on a plan that the engine made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.factories.plans import store_plan
from tests.integration.desk.conftest import write_event

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.events import domain
from passerelle.node.events.queries import need_of, planned
from passerelle.node.plans.asking import ready
from passerelle.node.plans.queries import table as columns
from passerelle.node.plans.table import table_of
from passerelle.planning.roster.build import build_instance
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.plans.models import PlanVersion

PANEL = {"HX-Request": "true", "HX-Target": "panel"}


@pytest.fixture
def solved(db: None, tmp_path: Path, clock: FixedClock, project_root: Path) -> PlanVersion:
    """Return a version of a small event near its crews, with a plan of the engine."""
    folder = write_event(tmp_path / "near", 2, project_root / "examples/paris-2024/forces.csv")
    venues = folder / "venues.csv"
    near = re.sub(r"45\.(\d+),4\.\d+", r"48.8\1,2.35", venues.read_text("utf-8"))
    venues.write_text(near, "utf-8")
    revision = domain.import_event(folder, actor=COMMAND_LINE, clock=clock)
    snapshot = domain.compute_need(revision, actor=COMMAND_LINE, clock=clock)
    source = planned(revision.pk)
    instance = build_instance(source.event, need_of(snapshot.pk), source.force)
    result = solve(instance, Stop(iterations=5), params=SolveParams(threads=1, rounds=1, climbs=1))
    assert result.plan is not None
    people = {group.code: group.people for group in instance.groups}
    return store_plan(revision, snapshot, table_of(result.plan, instance.start, people))


def _panel(client: Client, version: PlanVersion, path: str) -> str:
    answer = client.get(f"/e/{version.event.code}/{path}&version={version.number}", headers=PANEL)
    assert answer.status_code == 200
    return answer.content.decode()


def _reader(signed_in: Callable[..., Client]) -> Client:
    client = signed_in("planner")
    client.cookies["passerelle_language"] = "en"
    return client


def test_plan_of_the_engine_is_ready_for_questions(solved: PlanVersion) -> None:
    published = ready(solved)

    assert published is not None
    assert published.plan.n_duties == solved.n_duties > 0


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_panel_ranks_who_could_take_a_duty_over(
    solved: PlanVersion, signed_in: Callable[..., Client], language: str
) -> None:
    client = signed_in("planner")
    client.cookies["passerelle_language"] = language

    text = _panel(client, solved, "roster?at=0&ask=takeover")

    rows = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)[0]
    assert rows.count("<tr>") >= 1
    assert "style=" not in text


def test_panel_says_what_another_duty_would_change(
    solved: PlanVersion, signed_in: Callable[..., Client]
) -> None:
    text = _panel(_reader(signed_in), solved, "roster?at=0&ask=move")

    rows = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)[0]
    assert "no duty" in rows
    assert 'name="to_site"' in text
    assert re.search(r'<bdi dir="ltr">[+−]\d', rows)


def test_cell_names_the_first_rule_and_the_worth_of_one_more(
    solved: PlanVersion, signed_in: Callable[..., Client]
) -> None:
    client = _reader(signed_in)
    page = client.get(f"/e/{solved.event.code}/coverage?scale=day&from=2024-07-24")
    cells = re.findall(r'data-at="([\w.-]+)"', page.content.decode())
    answers = [
        _panel(client, solved, f"coverage?scale=day&from=2024-07-24&at={cell}&ask=why")
        for cell in cells
    ]

    told = [text for text in answers if "What the planner says" in text]
    assert told
    assert "One more crew" in told[0]
    assert "First rule that holds the crews" in told[0]


def test_plan_that_breaks_rules_is_not_guessed_about(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    version = make_plan(2)

    text = _panel(_reader(signed_in), version, "roster?at=0&ask=takeover")

    assert "The planner cannot tell" in text


def test_coverage_of_a_repaired_plan_says_which_need_it_shows(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    drawn = make_plan(1)
    client = _reader(signed_in)
    path = f"/e/{drawn.event.code}/coverage"
    words = "What is needed is shown as it was before the change"
    before = client.get(path).content.decode()

    store_plan(
        drawn.revision, drawn.need, columns(drawn.pk), number=2, based_on=drawn,
        repair={"change": {}},
    )  # fmt: skip

    assert words not in before
    assert words in client.get(f"{path}?version=2").content.decode()
