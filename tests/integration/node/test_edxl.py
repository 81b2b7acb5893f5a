"""EDXL out of a dossier and back into drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import committed, person
from tests.factories.played import Play

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.edxl import outgoing, read_drafts, write_out
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.exchange import station
from passerelle.standards.problems import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def case(db: None, tmp_path: Path) -> Iterator[str]:
    play = Play(tmp_path, SystemClock())
    with station.entered(play.station):
        play.begin()
        talk = committed()
        talk.say("name", persons_named=[person("P1", family_name="Exemplaire")])
        talk.say("release", item="I1", people=2, **{"from": "2024-07-28T00:00:00Z"}, reason="calm")
        yield play.say(talk.acts)


def test_every_act_with_a_message_comes_back_as_the_draft_that_it_was(case: str) -> None:
    _row, _heard, found = open_dossier_value(case)
    acts = {step.act.id: step.act for step in found.steps}

    listed = outgoing(case)

    assert [one.act for one in listed] == ["request", "offer", "accept", "commit", "release"]
    for one in listed:
        content = write_out(case, one.act_id)
        (back,) = read_drafts(content, "out.xml")
        assert (back.message, back.message_id, back.act) == (one.message, one.act_id, one.act)
        assert b"Exemplaire" not in content
        if back.is_whole:
            assert dict(back.payload) == dict(acts[one.act_id].payload)
    assert {one.act for one in listed if one.losses} >= {"request", "offer"}


def test_what_has_no_message_does_not_leave(case: str) -> None:
    _row, _heard, found = open_dossier_value(case)
    naming = next(step.act.id for step in found.steps if step.act.name == "name")

    with pytest.raises(RefusedError, match="with a message"):
        write_out(case, naming)


def test_a_broken_message_is_refused_with_its_place(case: str) -> None:
    content = write_out(case, outgoing(case)[0].act_id)

    with pytest.raises(FormatError) as caught:
        read_drafts(content.replace(b"MessageID>", b"MessageIdentity>"), "bad.xml")

    assert caught.value.issues
