"""Trust: pinning, rotation, rollback, freeze, families."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.simulators.exchange_keys import START, node

from passerelle.exchange.card import Window, parse_card
from passerelle.exchange.errors import InconsistentError, RemoteProtocolError, SignatureError
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.suite import S1
from passerelle.exchange.trust import (
    Freshness,
    TrustState,
    fingerprint,
    fingerprint_words,
    pin_root,
    refresh,
)

A = node("a.example")
OTHER = RoleKeys.generate(S1, random.Random(3).randbytes)


def accepted(version: int = 1) -> TrustState:
    """Pin and take the files of a node."""
    state = pin_root(A.root, fingerprint(A.root))
    return refresh(
        state, "a.example", publish_card(A.card.encode(), A.roles, START, version=version), START
    )


def test_words_and_digits_name_the_same_root() -> None:
    assert pin_root(A.root, fingerprint(A.root)) == pin_root(A.root, fingerprint_words(A.root))


def test_spaces_and_hyphens_do_not_count_when_words_are_typed() -> None:
    words = fingerprint_words(A.root)

    for typed in (words.replace("-", " "), f"  {words.upper()}\n", words.replace("-", "")):
        assert pin_root(A.root, typed) == pin_root(A.root, fingerprint(A.root))


def test_a_fingerprint_misheard_is_refused() -> None:
    with pytest.raises(SignatureError) as error:
        pin_root(A.root, fingerprint(node("b.example").root))

    assert error.value.code == "exchange.root-fingerprint"


def test_a_root_with_too_few_of_one_family_is_refused() -> None:
    found = json.loads(A.root)
    keys = found["signed"]["keys"]
    classical = [s for s in found["signatures"] if keys[s["keyid"]]["keytype"] == "ed25519"]
    found["signatures"] = [s for s in found["signatures"] if s not in classical[:1]]
    data = json.dumps(found).encode()

    with pytest.raises(SignatureError):
        pin_root(data, fingerprint(data))


def test_the_card_is_taken_and_fresh_for_a_day() -> None:
    state = accepted()

    assert state.card == A.card
    assert state.freshness(START) is Freshness.FRESH
    assert state.freshness(START + timedelta(hours=25)) is Freshness.STALE
    assert state.freshness(START + timedelta(days=31)) is Freshness.EXPIRED


def test_an_older_card_is_not_taken_back() -> None:
    state = accepted(version=5)
    old = publish_card(A.card.encode(), A.roles, START, version=4)

    with pytest.raises(SignatureError):
        refresh(state, "a.example", old, START)


def test_the_same_version_with_another_content_is_refused() -> None:
    state = accepted(version=5)
    other = replace(A.card, endpoints=("https://elsewhere",)).encode()

    with pytest.raises(RemoteProtocolError):
        refresh(state, "a.example", publish_card(other, A.roles, START, version=5), START)


def test_frozen_files_are_refused_when_they_expire() -> None:
    state = accepted()

    with pytest.raises(SignatureError):
        refresh(state, "a.example", A.files, START + timedelta(days=2))


def test_the_root_is_rotated_by_its_holders() -> None:
    new_root = publish_root(OTHER, START, version=2, signed_by=A.roles.root[:3])
    files = {"2.root.json": new_root} | publish_card(A.card.encode(), OTHER, START, version=2)

    state = refresh(accepted(), "a.example", files, START)

    assert dict(state.versions)["root"] == 2
    with pytest.raises(SignatureError):
        refresh(state, "a.example", publish_card(A.card.encode(), A.roles, START, version=3), START)


@pytest.mark.parametrize("signed_by", [(), A.roles.root[:2], OTHER.root[:3]])
def test_a_root_that_the_holders_did_not_sign_is_refused(signed_by: tuple[object, ...]) -> None:
    new_root = publish_root(OTHER, START, version=2, signed_by=signed_by)  # type: ignore[arg-type]
    files = {"2.root.json": new_root} | publish_card(A.card.encode(), OTHER, START, version=2)

    with pytest.raises(SignatureError):
        refresh(accepted(), "a.example", files, START)


def test_a_card_of_another_node_is_refused() -> None:
    other = replace(A.card, node="c.example").encode()

    with pytest.raises(InconsistentError):
        refresh(accepted(), "a.example", publish_card(other, A.roles, START, version=2), START)


def test_a_card_that_is_not_the_target_is_refused() -> None:
    files = publish_card(A.card.encode(), A.roles, START, version=2)
    files["node.json"] = replace(A.card, endpoints=("https://elsewhere",)).encode()

    with pytest.raises(SignatureError):
        refresh(accepted(), "a.example", files, START)


@pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "targets.json", "node.json"])
def test_a_missing_or_mangled_file_is_refused(name: str) -> None:
    files = publish_card(A.card.encode(), A.roles, START, version=2)
    for broken in (b"", b"{}", files[name][:-9], files[name].replace(b'"sig', b'"sug')):
        with pytest.raises(RemoteProtocolError):
            refresh(
                pin_root(A.root, fingerprint(A.root)),
                "a.example",
                files | {name: broken or b"["},
                START,
            )


def test_a_revoked_key_is_not_used_from_then_on() -> None:
    late = START + timedelta(days=3)
    window = Window(START, revoked=late)
    card = replace(A.card, log_keys=tuple(replace(k, window=window) for k in A.card.log_keys))

    assert len(card.log_keys_at(START)) == 2
    assert card.log_keys_at(late) == ()


def test_unknown_fields_of_a_card_are_kept() -> None:
    data = replace(A.card, extra=(("later", {"x": 1}),)).encode()

    assert parse_card(data).encode() == data


def play(says: str, plays: str) -> TrustState:
    """Take a card that says one exercise as a node that plays another, or none."""
    card = replace(A.card, exercise=says)
    files = publish_card(card.encode(), A.roles, START, version=1)
    state = pin_root(A.root, fingerprint(A.root))
    return refresh(state, "a.example", files, START, exercise=plays)


@pytest.mark.parametrize(("says", "plays"), [("e:01", ""), ("", "e:01"), ("e:01", "e:02")])
def test_a_card_of_another_exercise_is_refused(says: str, plays: str) -> None:
    with pytest.raises(InconsistentError) as error:
        play(says, plays)

    assert error.value.code == "exchange.exercise"


def test_a_card_of_the_same_exercise_is_taken_whole() -> None:
    assert play("e:01", "e:01").card == replace(A.card, exercise="e:01")


def test_the_card_of_a_real_node_does_not_speak_of_exercises() -> None:
    assert b"exercise" not in A.card.encode()
