"""Every named attack is refused, or proved."""

from __future__ import annotations

import pytest
from tests.simulators.exchange_drills import DRILLS


@pytest.mark.parametrize("name", DRILLS)
def test_the_attack_is_refused_or_proved(name: str) -> None:
    attack, expected = DRILLS[name]

    assert attack() == expected


def test_there_are_enough_drills() -> None:
    assert len(DRILLS) >= 60
