"""The plot, the answers of scripted partners, and a scripted partner as it is seen over the wire."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT
from tests.factories.dossiers import Talk, procedure, request
from tests.simulators.exchange_keys import START, node

from passerelle.exchange.frame import FrameLimits, PushFrame
from passerelle.exchange.note import verify_checkpoint
from passerelle.exchange.suite import S1
from passerelle.exchange.trust import fingerprint, pin_root, refresh
from passerelle.kernel.clock import FixedClock
from passerelle.node.dossiers.said import Said
from passerelle.node.story.committing import items_of
from passerelle.node.story.peer import ScriptedPeer
from passerelle.node.story.plot import plot
from passerelle.node.story.requests import answer_of, offers_for, read_reported
from passerelle.node.story.script import STEPS
from passerelle.procedures.deadlines import due
from passerelle.procedures.profile import Corridor

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.exchange.card import NodeCard
    from passerelle.node.story.requests import Reported

EXAMPLE = ROOT / "examples" / "paris-2024"
EXERCISE = "paris-2024:0011223344556677"
HOST = node("fr")


def peer(folder: Path) -> ScriptedPeer:
    """Make a scripted partner of the host ``fr``."""
    return ScriptedPeer(
        "DE",
        ("fr", HOST.card),
        folder,
        endpoint="http://127.0.0.1:9/de",
        exercise=EXERCISE,
        start=START,
        clock=FixedClock(START),
        seed=1,
    )


def card_of(made: ScriptedPeer) -> NodeCard:
    """Return the card of a partner as a host of the same exercise takes it."""
    pinned = pin_root(made.root, fingerprint(made.root))
    card = refresh(pinned, "de", made.files, START, exercise=EXERCISE).card
    assert card is not None
    return card


def test_every_step_of_the_plot_is_played_in_order_of_its_day() -> None:
    steps = plot()

    assert [step.key for step in steps] == list(STEPS)
    assert [step.on for step in steps] == sorted(step.on for step in steps)


def test_answers_follow_from_the_seed_and_hold_the_mix() -> None:
    states = tuple(state for state in read_reported(EXAMPLE) if state not in {"FR", "MA"})

    kinds = Counter(answer.kind for answer in answer_of(states, 1).values())

    assert answer_of(states, 1) == answer_of(states, 1) != answer_of(states, 2)
    assert len(states) > 40
    assert set(kinds) == {"full", "partial", "conditional", "counter", "late", "declined", "silent"}
    assert kinds.most_common(1)[0][0] == "full"


def asked_of(reported: Reported) -> list[dict[str, Any]]:
    """Return lines as a campaign drafts them: some ask for more than the state is known to have."""
    return [
        {
            "line": f"L{number:03d}", "capability": code, "posts": 2 * people, "present": 3 * people,
            "people": 3 * people, "animals": 3 * people if code.startswith("k9") else 0,
            "places": ["STE"], "from": "2024-07-23T00:00:00Z", "to": "2024-08-02T00:00:00Z",
            "task": "Beside host officers.", "command": "host", "priority": "P2",
        }
        for number, (code, people) in enumerate(sorted(reported.people.items()), start=1)
    ]  # fmt: skip


def test_no_offer_names_more_than_was_asked_or_than_was_sent() -> None:
    states = read_reported(EXAMPLE)
    for state, answer in answer_of(tuple(states), 3).items():
        sent, lines = states[state], asked_of(states[state])
        by_line = {line["line"]: line for line in lines}
        offers = offers_for([*lines, *lines], answer, sent)
        for offer in offers:
            assert offer["posts"] <= offer["present"] <= offer["people"]
            assert offer["people"] <= by_line[offer["line"]]["people"]
        for code, people in sent.people.items():
            given = sum(offer["people"] for offer in offers if offer["capability"] == code)
            assert 0 < given <= people


def test_the_card_of_a_scripted_partner_is_taken_by_who_plays_along(tmp_path: Path) -> None:
    made = peer(tmp_path)

    assert card_of(made).exercise == EXERCISE


def test_a_scripted_partner_started_again_pushes_what_it_had_said(tmp_path: Path) -> None:
    frames: list[bytes] = []

    def post(log_id: str, data: bytes) -> tuple[int, bytes]:
        del log_id
        frames.append(data)
        return 200, b""

    said = Said("reinforcement", "0" * 64, "acknowledge", "partner", "focal-point", "user:x", {})
    first = peer(tmp_path)
    assert first.say_once("ab" * 16, said)
    assert not first.say_once("ab" * 16, said)
    again = peer(tmp_path)

    assert not again.say_once("ab" * 16, said)
    assert again.flush(post)
    note = PushFrame.parse(frames[0], FrameLimits()).note
    keys = card_of(again).log_keys_at(START)
    stated = verify_checkpoint(note, str(again.out), S1, keys)
    assert (stated.origin, stated.size) == (str(again.out), 1)


def test_the_procedure_takes_in_every_answer_up_to_the_commitment() -> None:
    reported = read_reported(EXAMPLE)
    states = tuple(state for state in reported if state not in {"FR", "MA"})
    ends: Counter[str] = Counter()
    for state, answer in answer_of(states, 1).items():
        talk = Talk(
            procedure("reinforcement", Corridor("fr-x", ("FR", state)), states=("FR", state)),
            datetime(2024, 1, 15, 9, tzinfo=UTC),
        )
        talk.say("request", **request(lines=asked_of(reported[state])))
        talk.now = datetime(2024, 4, 29, 10, tzinfo=UTC)
        if answer.kind == "declined":
            talk.say("decline-all", reason_code="own-need")
        elif answer.kind != "silent":
            offers = offers_for(asked_of(reported[state]), answer, reported[state])
            talk.say("offer", offers=offers)
            talk.now = datetime(2024, 5, 13, 10, tzinfo=UTC)
            talk.say("accept", accepted_offers=[one["offer"] for one in offers])
            items = items_of(offers)
            talk.sign("commit", commitment="C1", level="technical", items=items)
        assert due(talk.now_dossier, talk.now)
        ends[talk.state] += 1

    assert ends == {"committed": 40, "declined": 3, "requested": 1}
