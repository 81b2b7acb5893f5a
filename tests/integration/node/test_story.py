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
from tests.conftest import ROOT

from passerelle.exchange.trust import fingerprint
from passerelle.node.story import asking, committing, identifying, script, standing
from passerelle.node.story.asking import MA
from passerelle.node.story.closing import GAMES
from passerelle.node.story.plot import plot
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

EXAMPLE = ROOT / "examples" / "paris-2024"
LAPSING = committing.LAPSING


@dataclass
class Told:
    """Hold what both nodes showed after each step."""

    world: World
    said: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    counts: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)


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
    params = StageParams(data, EXAMPLE, (0, free_port()), n_partners=n_partners, people=10)
    with ExitStack() as ma_runs, run_node(data / "fr"):
        ma_runs.enter_context(run_node(data / "ma"))
        with set_stage(params, print) as world:
            yield world, ma_runs


def figures(node: Speaker) -> dict[tuple[str, str], int]:
    """Return the figures of a node by stage and unit."""
    rows = node.call("counts", case=MA, start=GAMES[0], end=GAMES[1])
    return {(stage, unit): figure for stage, unit, figure in rows}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Play the whole story once; look at both nodes after each step."""
    with two_nodes(tmp_path_factory.mktemp("story"), 3) as (world, _):
        found = Told(world)
        for step in script.play(world):
            nodes = (world.fr, world.ma)
            found.said[step.key] = tuple(node.call("said", case=MA) for node in nodes)  # type: ignore[assignment]
            found.counts[step.key] = tuple(figures(node) for node in nodes)  # type: ignore[assignment]
            found.missing[step.key] = world.ma.call(
                "missing", case=MA, person=LAPSING, instant="2024-07-27T10:00:00Z"
            )
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


def test_offers_are_full_partial_on_conditions_and_counter_until_15_may(told: Told) -> None:
    view = told.world.ma.call("view", case=MA)
    offered = next(step["payload"]["offers"] for step in view["steps"] if step["act"] == "offer")

    shown = [
        (one["answer"], [condition["subject"] for condition in one.get("conditions", [])])
        for one in offered
    ]
    assert shown == [("full", []), ("partial", ["escorts", "lodging"]), ("counter", [])]
    assert offered[2]["valid_until"] == "2024-05-15T18:00:00Z"


def test_only_the_co_signed_commitment_allocates(told: Told) -> None:
    accepted = told.counts["accept"][0]
    signed = told.counts["sign"][0]

    assert accepted["accepted", "people"] == 0
    assert signed["accepted", "people"] == 36
    assert told.said["sign"][1]["state"] == "committed"
    commits = [one["side"] for one in told.said["sign"][1]["acts"] if one["act"] == "commit"]
    assert sorted(commits) == ["host", "partner"]


def test_a_certificate_that_ended_bars_from_duty_until_it_is_replaced(told: Told) -> None:
    assert told.missing["inform"] == ["certificate eod-2"]
    assert told.world.notes["certificate"] == "roll.not-deployable"
    assert told.missing["certificate_ends"] == []


def test_an_assessment_goes_no_further_without_consent(told: Told) -> None:
    assert told.world.notes["onward"] == "handling.no-consent"


def test_arrived_and_on_the_roll_are_counted_apart_at_the_end(told: Told) -> None:
    counts = told.counts["prove"][0]

    people = {stage: figure for (stage, unit), figure in counts.items() if unit == "people"}
    assert (people["asked"], people["offered"], people["accepted"]) == (48, 36, 36)
    assert people["named"] == people["arrived"] == 6
    assert told.said["prove"][0]["state"] == "ended"


def test_partners_answer_each_in_its_way(told: Told) -> None:
    states = {
        state: told.world.fr.call("said", case=asking.case_of(f"reinforcement/{state.lower()}"))
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
        asking.ask(world)
        asking.answer(world)
        world.at("2024-05-13T10:00:00Z")
        world.settle()
        ma_runs.close()
        world.lose("ma")
        for offer in ("O1", "O3"):
            accepted = {"accepted_offers": [offer]}
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
