"""The story of the demonstration, played once by two real nodes on the clock of an exercise.

Two servers and two workers run; the nodes talk over HTTP. What is asserted is what each node folds and
shows, never what the script believes.
"""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories.paris import small_paris

from passerelle.exchange.trust import fingerprint
from passerelle.node.story import asking, committing, identifying, playing, script, standing
from passerelle.node.story.asking import MA
from passerelle.node.story.cases import case_of
from passerelle.node.story.closing import GAMES
from passerelle.node.story.plot import plot
from passerelle.node.story.requests import read_reported
from passerelle.node.story.staging import (
    START,
    StageParams,
    exercise_of,
    make_node,
    run_node,
    set_stage,
)
from passerelle.standards.stix.checks import find_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.node.story.speaker import Speaker
    from passerelle.node.story.world import World

pytestmark = pytest.mark.slow

LAPSING = committing.LAPSING[0]


@dataclass
class Told:
    """Hold what both nodes showed after each step."""

    world: World
    said: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    counts: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    duties: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def two_nodes(data: Path, n_partners: int) -> Iterator[tuple[World, ExitStack]]:
    """Make and run both nodes; what runs MA's is on the stack given beside the world."""
    exercise = exercise_of(data)
    for state in ("FR", "MA"):
        make_node(data / state.lower(), state, free_port(), exercise)
    params = StageParams(
        data, small_paris(data), (0, free_port()), n_partners=n_partners, people=67, seconds=30,
        good_gap=0.1,
    )  # fmt: skip
    with ExitStack() as ma_runs, run_node(data / "fr"):
        ma_runs.enter_context(run_node(data / "ma"))
        with set_stage(params, print) as world:
            yield world, ma_runs


def figures(node: Speaker) -> dict[tuple[str, str], int]:
    """Return the figures of a node by stage and unit."""
    rows = node.call("counts", case=MA, start=GAMES[0], end=GAMES[1])
    return {(stage, unit): figure for stage, unit, figure in rows}


def duties_by_state(world: World) -> dict[str, tuple[Any, Any]]:
    """Return the duties in force of every partner: as the host holds them, and as the partner does."""
    found = {"MA": (world.fr.call("duties", case=MA), world.ma.call("duties", case=MA))}
    for state in committing.naming(world):
        case = case_of(f"reinforcement/{state.lower()}")
        mine = world.fr.call("duties", case=case)
        found[state] = (mine, mine)
    return found


def lines_of(node: Speaker, case: str = MA) -> list[dict[str, Any]]:
    """Return the lines of the request as a node reads them in the record."""
    view = node.call("view", case=case)
    (request,) = [step["payload"] for step in view["steps"] if step["act"] == "request"]
    return list(request["lines"])


def offers_of(told: Told) -> list[dict[str, Any]]:
    """Return Morocco's offers as its node reads them in the record."""
    view = told.world.ma.call("view", case=MA)
    return next(step["payload"]["offers"] for step in view["steps"] if step["act"] == "offer")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Play the whole story once; look at both nodes after each step."""
    with two_nodes(tmp_path_factory.mktemp("story"), 3) as (world, _):
        found = Told(world)
        for step in script.play(world):
            if not step.cases:
                continue
            nodes = (world.fr, world.ma)
            found.said[step.key] = tuple(node.call("said", case=MA) for node in nodes)
            found.counts[step.key] = tuple(figures(node) for node in nodes)  # type: ignore[assignment]
            found.missing[step.key] = world.ma.call(
                "missing", case=MA, person=LAPSING, instant="2024-07-27T10:00:00Z"
            )
            if step.key in {"duties", "arrive", "change"}:
                found.duties[step.key] = duties_by_state(world)
                found.changes[step.key] = world.fr.call("plan_changes", event=asking.EVENT)
        yield found


def test_both_nodes_agree_after_every_step(told: Told) -> None:
    for key, (fr, ma) in told.said.items():
        assert {**fr, "side": ""} == {**ma, "side": ""}, key
    for key, (fr, ma) in told.counts.items():
        assert fr == ma, key


def test_what_was_announced_is_counted_nowhere(told: Told) -> None:
    counts = told.counts["announce"][0]

    assert told.said["announce"][0]["state"] == "acknowledged"
    assert {stage for (stage, _), figure in counts.items() if figure} == {"asked"}
    assert counts == told.counts["ask"][0]


def test_requests_are_drafted_from_the_gap_and_both_nodes_hold_the_same_lines(told: Told) -> None:
    lines = lines_of(told.world.fr)

    assert lines == lines_of(told.world.ma)
    assert {"eod", "joint_patrol", "analyst"} <= {line["capability"] for line in lines}
    for line in lines:
        cells = {f"{place}/{line['capability']}" for place in line["places"]}
        assert set(line["needs"]) == cells, "each line keeps the need that it serves"
    (eod,) = [line for line in lines if line["capability"] == "eod" and line["places"] == ["STE"]]
    assert eod["doubles_host"]
    campaign = told.world.fr.call(
        "draft", by="directorate", event=asking.EVENT, title=asking.CAMPAIGN, peers=[], header={},
        answer_by="2024-05-01T18:00:00Z",
    )  # fmt: skip
    assert campaign["threads"] == 4
    assert campaign["lines"] > len(lines)


def test_nobody_offers_more_than_it_was_asked_or_than_it_is_reported_to_have_sent(
    told: Told,
) -> None:
    reported = read_reported(told.world.example)
    for state, peer in told.world.partners.peers.items():
        case = case_of(f"reinforcement/{state.lower()}")
        asked = {line["line"]: line for line in lines_of(told.world.fr, case)}
        assert list(asked.values()) == peer.asked(case)
        view = told.world.fr.call("view", case=case)
        offers = [
            one
            for step in view["steps"]
            if step["act"] == "offer"
            for one in step["payload"]["offers"]
        ]
        for one in offers:
            assert one["people"] <= asked[one["line"]]["people"]
            assert one["people"] <= reported[state].people[one["capability"]]


def test_offers_are_full_partial_on_conditions_and_counter_until_15_may(told: Told) -> None:
    offered = {one["capability"]: one for one in offers_of(told)}

    shown = {
        code: (
            offered[code]["answer"],
            [condition["subject"] for condition in offered[code].get("conditions", [])],
        )
        for code in ("eod", "joint_patrol", "analyst")
    }
    assert shown == {
        "eod": ("full", []),
        "joint_patrol": ("partial", ["escorts", "lodging"]),
        "analyst": ("counter", []),
    }
    assert offered["analyst"]["valid_until"] == "2024-05-15T18:00:00Z"


def test_only_the_co_signed_commitment_allocates(told: Told) -> None:
    accepted = told.counts["accept"][0]
    signed = told.counts["sign"][0]

    assert accepted["accepted", "people"] == 0
    assert signed["accepted", "people"] == sum(one["people"] for one in offers_of(told))
    assert told.said["sign"][1]["state"] == "committed"
    commits = [one["side"] for one in told.said["sign"][1]["acts"] if one["act"] == "commit"]
    assert sorted(commits) == ["host", "partner"]


def test_a_certificate_that_ended_bars_from_duty_until_it_is_replaced(told: Told) -> None:
    assert told.missing["inform"] == ["certificate eod-2"]
    assert told.world.notes["certificate"] == "roll.not-deployable"
    assert told.missing["certificate_ends"] == []


def test_duties_come_from_the_published_plan_and_are_acknowledged(told: Told) -> None:
    assert set(told.duties["duties"]) >= {"MA"}
    for state, (fr, ma) in told.duties["duties"].items():
        assert fr == ma, state
    mine = told.duties["duties"]["MA"][0]
    named = {row["person"]: row["item"] for row in committing.people_of(told.world)}
    items: Any = committing.ma_items(told.world)
    places = {item["item"]: item["places"] for item in items}
    assert mine
    assert mine.keys() <= named.keys()
    for person, one in mine.items():
        assert one["acknowledged"]
        assert {place for _, _, place in one["duties"]} <= set(places[named[person]])
    assert len({one["version"] for one in mine.values()}) == 1


@pytest.mark.parametrize(("before", "after"), [("duties", "arrive"), ("arrive", "change")])
def test_a_repair_tells_only_whom_it_touches(told: Told, before: str, after: str) -> None:
    assert told.changes[after] != []
    groups = {row[0] for row in told.changes[after]}
    for state, (fr, ma) in told.duties[after].items():
        assert fr == ma, state
        old = told.duties[before][state][0]
        told_anew = {
            person
            for person, one in fr.items()
            if one["version"] != old.get(person, {}).get("version")
        }
        moved = {
            person
            for person, one in fr.items()
            if one["duties"] != old.get(person, {}).get("duties")
        }
        assert told_anew == moved
        assert all(one["acknowledged"] for one in fr.values())
        if not any(group.startswith(f"{state}-") for group in groups):
            assert moved == set()


def test_the_late_analysts_lose_the_duties_of_their_first_day(told: Told) -> None:
    old, new = told.duties["duties"]["MA"][0], told.duties["arrive"]["MA"][0]
    analysts = [
        row["person"] for row in committing.people_of(told.world) if row["role"] == "analyst"
    ]

    first = [row for code in analysts for row in old[code]["duties"] if row[0] < playing.FIT]
    still = [row for code in analysts for row in new[code]["duties"] if row[0] < playing.FIT]

    assert first != []
    assert still == []


def test_the_triathlon_leaves_the_30th_and_is_planned_for_the_31st(told: Told) -> None:
    days = {(row[3], row[1]) for row in told.changes["change"] if "ALX" in row[4:]}

    assert ("2024-07-30", "dropped") in days or ("2024-07-30", "moved") in days


def test_an_assessment_goes_no_further_without_consent(told: Told) -> None:
    assert told.world.notes["onward"] == "handling.no-consent"


def test_arrived_and_on_the_roll_are_counted_apart_at_the_end(told: Told) -> None:
    counts = told.counts["prove"][0]

    people = {stage: figure for (stage, unit), figure in counts.items() if unit == "people"}
    asked = sum(line["people"] for line in lines_of(told.world.fr))
    offered = sum(one["people"] for one in offers_of(told))
    assert (people["asked"], people["offered"], people["accepted"]) == (asked, offered, offered)
    assert people["named"] == people["arrived"] == len(committing.people_of(told.world))
    assert told.said["prove"][0]["state"] == "ended"


def test_partners_answer_each_in_its_way(told: Told) -> None:
    states = {
        state: told.world.fr.call("said", case=case_of(f"reinforcement/{state.lower()}"))
        for state in told.world.partners.peers
    }

    assert len(states) == 3
    assert all(one["settled"] for one in states.values())
    assert any(one["state"] == "committed" for one in states.values())


def test_the_cyber_report_leaves_as_valid_stix(told: Told) -> None:
    bundle = Path(told.world.notes["stix"]).read_bytes()

    assert find_faults(json.loads(bundle)["objects"], name="report") == ()
    assert b"status:exercise" in bundle


def test_the_contested_commitment_and_the_minutes_stand_on_both_nodes(told: Told) -> None:
    for case, state in ((standing.PROMISE, "contested"), (standing.MEETING, "adopted")):
        shown = {node.call("said", case=case)["state"] for node in (told.world.fr, told.world.ma)}
        assert shown == {state}


def test_the_group_is_dormant_until_its_minutes_are_adopted(told: Told) -> None:
    assert told.world.notes["group-called"] == "dormant dormant"
    assert told.world.notes["group-adopted"] == "awake awake"


def test_the_partner_sees_one_neutral_pause_for_illness_and_for_protection(told: Told) -> None:
    notes, world = told.world.notes, told.world

    assert notes["pause-1"] == notes["pause-2"]
    assert notes["pause-1"].startswith("pause ")
    assert world.fr.call("state", case=identifying.RECOGNISED) == "recognised"
    assert world.fr.call("state", case=identifying.PROTECTED) == "held"
    states = {node.call("state", case=identifying.PROTECTED) for node in (world.fr, world.ma)}
    assert len(states) == 2


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_every_step_is_listed_on_both_desks(told: Told, language: str) -> None:
    for node in (told.world.fr, told.world.ma):
        answer = node.call("page", path="/story", language=language)
        page = base64.b64decode(answer["body"]).decode()

        assert answer["status"] == 200
        assert 'class="exercise"' in page
        assert [step.key for step in plot() if step.labels.get(language) not in page] == []


def test_the_pack_proves_the_dossier_offline_and_a_tampered_one_does_not(
    told: Told, tmp_path: Path
) -> None:
    data = told.world.folder
    pack = Path(told.world.notes["pack"])
    words = ["verify"]
    for name in ("fr", "ma"):
        root = (data / name / "exchange" / "trust" / "1.root.json").read_bytes()
        words += ["--root", f"{name}={fingerprint(root)}"]
    tampered = tmp_path / "tampered.pack"
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    tampered.write_bytes(content)

    good, bad = (
        subprocess.run(
            [sys.executable, "-m", "passerelle.cli", *words, str(file), "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        for file in (pack, tampered)
    )

    assert (good.returncode, json.loads(good.stdout)["broken"]) == (0, []), good.stdout
    assert (bad.returncode, bool(json.loads(bad.stdout)["broken"])) == (2, True)


def test_a_node_down_for_a_week_catches_up_and_both_refuse_what_came_too_late(
    tmp_path: Path,
) -> None:
    with two_nodes(tmp_path, 0) as (world, ma_runs):
        asking.plan(world)
        asking.ask(world)
        asking.answer(world)
        world.at("2024-05-13T10:00:00Z")
        world.settle()
        ma_runs.close()
        world.lose("ma")
        offers = {one["capability"]: one["offer"] for one in asking.ma_offers(world)}
        for code in ("eod", "analyst"):
            accepted: dict[str, Any] = {"accepted_offers": [offers[code]]}
            world.fr.say("directorate", MA, "accept", "directorate", accepted)
        world.at("2024-05-20T10:00:00Z")
        unheard = world.ma.call("said", case=MA)["state"]
        world.find_again("ma")
        with run_node(tmp_path / "ma"):
            world.settle()
            fr, ma = (node.call("said", case=MA) for node in (world.fr, world.ma))
            standing_of_ma = world.fr.call("standing", peer="ma")

    assert START < "2024-05-13"
    assert unheard == "offered"
    assert {**fr, "side": ""} == {**ma, "side": ""}
    assert fr["state"] == "accepted"
    assert fr["refused"] == [{"act": "accept", "side": "host", "code": "offer.expired"}]
    assert standing_of_ma == {"state": "active", "freshness": "fresh"}
