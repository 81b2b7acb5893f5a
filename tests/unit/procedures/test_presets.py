"""Corridor presets come inactive; unit, start, silence and reissue differ and are all honoured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.factories.files import CORRIDOR, in_verification

from passerelle.procedures.deadlines import due
from passerelle.procedures.definition import Start, TimeUnit
from passerelle.procedures.presets import presets
from passerelle.procedures.profile import ASSURANCES, Silence, TransferBasis


@pytest.mark.parametrize("name", list(presets()))
def test_preset_is_inactive_and_says_what_is_missing(name: str) -> None:
    corridor = presets()[name].corridor("x", ("FR", "RU"))

    assert not corridor.is_active(datetime(2024, 6, 1, tzinfo=UTC))
    assert {"dpia", "fria", "opinion", "transfer_basis"} <= set(corridor.missing())
    assert presets()[name].profile.mark in {"L", "C"}


def test_presets_differ_in_unit_start_silence_and_reissue() -> None:
    found = [one.profile for one in presets().values()]

    assert {p.reply.period.unit for p in found if p.reply} == {TimeUnit.CALENDAR, TimeUnit.WORKING}
    assert {p.reply.starts for p in found if p.reply} == set(Start)
    assert {p.silence for p in found} == set(Silence)
    assert {p.document_reissue is None for p in found} == {True, False}


@pytest.mark.parametrize(
    ("name", "end"),
    [
        # Sent and received on Monday 22 April 2024, receipt confirmed on the same evening.
        ("eu-russia", date(2024, 5, 17)),
        ("eu-georgia", date(2024, 5, 4)),
        # Morocco: 1 May is a holiday.
        ("bilateral-8", date(2024, 5, 3)),
        ("bilateral-2", date(2024, 4, 24)),
    ],
)
def test_reply_clock_follows_the_profile(name: str, end: date) -> None:
    profile = replace(
        presets()[name].profile,
        authorities={"reply": "central authority"},
        transfer_basis=TransferBasis("adequate safeguards 2024", date(2025, 12, 31)),
        assurances=frozenset(ASSURANCES),
        dpia="d", fria="f", opinion="o", review_by=date(2025, 12, 31),
    )  # fmt: skip
    talk = in_verification(replace(CORRIDOR, profile=profile))

    found = next(one for one in due(talk.now_dossier, talk.now) if one.name == "reply")

    assert datetime.fromisoformat(found.local["requested"]).date() == end
