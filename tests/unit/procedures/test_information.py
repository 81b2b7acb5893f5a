"""Information: answer, disposition, originator control."""

from __future__ import annotations

from tests.factories.dossiers import Talk, procedure

MARKS = {"tlp": "AMBER", "police": "H2"}


def asked() -> Talk:
    talk = Talk(procedure("information"))
    talk.say(
        "ask", purpose="Safety of the match", legal_ground="Agreement", subject="Supporters",
        questions=["How many travel?"], urgency="FLASH", channel="passerelle", handling=MARKS,
    )  # fmt: skip
    return talk


def answered(onward: str = "consent") -> Talk:
    talk = asked()
    talk.say(
        "answer", text="Fifteen thousand.", source_evaluation="A", information_evaluation="1",
        handling=MARKS, onward=onward,
    )  # fmt: skip
    return talk


def test_request_is_answered_dispositioned_and_closed() -> None:
    talk = answered()

    talk.say("disposition", use="used", reason="Patrols planned.")
    talk.say("close")

    assert talk.state == "closed"


def test_passing_on_without_consent_is_refused_by_default() -> None:
    talk = answered()
    answer = talk.acts[-1].id

    code = talk.refusal(
        "pass-on", side_="asking", source=answer, use="police", recipient="Third State"
    )

    assert code == "handling.no-consent"


def test_consent_holds_for_that_use_and_recipient_only() -> None:
    talk = answered()
    fields = {"source": talk.acts[-1].id, "use": "police", "recipient": "Third State"}
    talk.say("ask-consent", side_="asking", **fields, reason="Its team plays.")
    talk.say("consent", side_="asked")

    assert talk.refusal("pass-on", side_="asking", **{**fields, "use": "court"}) == (
        "handling.no-consent"
    )
    talk.say("pass-on", side_="asking", **fields)


def test_nobody_consents_to_the_own_request() -> None:
    talk = answered()
    talk.say(
        "ask-consent", side_="asking", source=talk.acts[-1].id, use="police", recipient="X",
        reason="y",
    )  # fmt: skip

    assert talk.refusal("consent", side_="asking") == "act.answers-itself"


def test_free_information_may_be_passed_on_for_police_use_but_not_to_court() -> None:
    talk = answered("free")
    source = talk.acts[-1].id

    talk.say("pass-on", side_="asking", source=source, use="police", recipient="X")
    assert talk.refusal("pass-on", side_="asking", source=source, use="court", recipient="X") == (
        "handling.no-consent"
    )


def test_unasked_alert_opens_a_dossier_that_must_be_read() -> None:
    talk = Talk(procedure("information"))
    talk.say(
        "alert", what="Drone over the site", where="STE", when="now", source_evaluation="B",
        information_evaluation="2", action="Search the car park",
        acknowledge_by="2024-04-22T12:00:00Z", handling=MARKS, onward="consent",
    )  # fmt: skip

    talk.say("confirm")
    talk.say("disposition", use="not-used", reason="Own drone.")

    assert talk.state == "dispositioned"
