"""A commitment read from its dossier: two statuses, never merged."""

from __future__ import annotations

from datetime import date

from tests.factories.dossiers import Talk, procedure
from tests.factories.standing import agreed, contested, proposal

from passerelle.procedures.counting.groups import contested as i15
from passerelle.procedures.standing.commitments import read_commitment


def test_a_proposal_has_no_lead_no_deadline_and_no_status() -> None:
    talk = Talk(procedure("commitment"))
    talk.say("propose", **proposal())

    found = read_commitment(talk.now_dossier)

    assert [(one.state, one.lead, one.status) for one in found.sides] == [
        ("FR", "", ""),
        ("MA", "", ""),
    ]
    assert (found.due_on, found.indicator, found.publicity) == (None, None, "restricted")
    assert (found.instrument, found.instrument_on) == ("Joint declaration", date(2024, 4, 22))


def test_a_contested_commitment_shows_both_statuses_beside_each_other() -> None:
    found = read_commitment(contested().now_dossier)

    first, second = found.sides
    assert (first.status, first.reason) == ("not-done", "41 % in useful time, not 60.")
    assert (second.status, second.evidence) == ("done", "register entry 7")
    assert found.contested
    assert found.indicator is not None
    assert (found.indicator.baseline, found.indicator.actual, found.indicator.target) == (
        37, 41, 60,
    )  # fmt: skip


def test_the_newest_deadline_is_the_one_both_signed() -> None:
    talk = agreed()
    talk.sign("delay", cause="Two consulates closed.", next_step_owner="MA", until="2025-03-31")

    found = read_commitment(talk.now_dossier)

    assert found.due_on == date(2025, 3, 31)
    assert found.cause == "Two consulates closed."


def test_a_verified_commitment_is_contested_no_more() -> None:
    talk = contested()
    assert i15([talk.now_dossier]).numerator == 1

    talk.say("verify", side_="first", on="2024-12-01", scale="limited")

    found = read_commitment(talk.now_dossier)
    assert (found.contested, found.scale, found.verified_on) == (
        False, "limited", date(2024, 12, 1),
    )  # fmt: skip
    assert i15([talk.now_dossier]).numerator == 0


def test_plain_data_names_every_column_of_the_register() -> None:
    found = read_commitment(contested().now_dossier).to_json()

    assert list(found) == [
        "case", "corridor", "instrument", "pillar", "objective", "sector", "action", "contributors",
        "indicator", "due_on", "state", "sides", "contested", "verified_on", "scale", "cause",
        "publicity",
    ]  # fmt: skip
