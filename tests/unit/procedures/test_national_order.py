"""National acts stand where they were said, and move no shared act before another."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

from tests.factories.files import in_verification

from passerelle.procedures.ordering import merge

if TYPE_CHECKING:
    from passerelle.procedures.values import Act


def said(name: str, side: str, index: int, seen: int, sub: int = 0) -> Act:
    talk = in_verification()
    act = replace(talk.acts[0], id=f"{name}-{index}-{sub}", name=name, side=side)
    return replace(act, index=index, seen=seen, sub=sub, origin=f"{side}/to/other", re=())


def order(*acts: Act) -> list[str]:
    shape = in_verification().procedure.definition
    found = {tuple(act.name for act in merge(shape, some)) for some in permutations(acts)}
    assert len(found) == 1, "the order depends on the set of acts alone"
    return list(found.pop())


def test_a_national_act_stands_after_what_was_held_when_it_was_said() -> None:
    sent = said("send", "requesting", 0, 0)
    refused = said("not-recognise", "requested", 0, 1)
    referred = said("refer-statelessness", "requesting", 0, 1, sub=4)

    assert order(sent, refused, referred) == ["send", "not-recognise", "refer-statelessness"]


def test_a_national_act_stands_before_what_came_after_it() -> None:
    sent = said("send", "requesting", 0, 0)
    detained = said("record-detention", "requesting", 0, 0, sub=4)
    received = said("confirm-receipt", "requested", 0, 1)

    assert order(sent, received, detained) == ["send", "record-detention", "confirm-receipt"]


def test_national_acts_between_move_no_shared_act() -> None:
    sent = said("send", "requesting", 0, 0)
    noted = said("record-detention", "requesting", 0, 0, sub=4)
    fear = said("report-fear", "requested", 0, 1)
    answer = said("answer-info", "requesting", 1, 0)

    with_it = order(sent, noted, fear, answer)
    assert [name for name in with_it if name != "record-detention"] == order(sent, fear, answer)
