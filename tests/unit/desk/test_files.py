"""The conditions of a joint interview as a page shows them: the same that the guard asks for."""

from __future__ import annotations

import pytest
from tests.unit.procedures.test_safeguards import MET, interview

from passerelle.desk.boards.files import conditions

LATE = "2024-05-01T09:00:00Z"


def met(talk: object) -> dict[str, bool]:
    found = talk.now_dossier  # type: ignore[attr-defined]  # a Talk
    return {one.key: one.is_met for one in conditions(found, talk.now)}  # type: ignore[attr-defined]


def test_an_interview_that_may_be_confirmed_lacks_only_what_the_confirmation_says() -> None:
    talk = interview()

    assert met(talk) == {
        "review": True, "person-told": True, "lawyer-told": True, "interpreter": True,
        "lawyer-possible": False, "host-official": False, "nationality-only": False,
    }  # fmt: skip
    talk.say("confirm", **MET)
    assert all(met(talk).values())


@pytest.mark.parametrize(
    ("notice", "key"),
    [
        ({"lawyer_informed_at": LATE}, "lawyer-told"),
        ({"delivered_at": LATE}, "person-told"),
        ({"interpreter_from": "visitor"}, "interpreter"),
    ],
)
def test_what_the_guard_refuses_is_shown_open(notice: dict[str, str], key: str) -> None:
    talk = interview(**notice)

    assert talk.refusal("confirm", **MET) in {"interview.notice", "interview.condition"}
    assert [name for name, is_met in met(talk).items() if not is_met][:1] == [key]
