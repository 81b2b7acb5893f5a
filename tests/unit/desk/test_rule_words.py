"""The desk has words for every rule that can stand in the way of a crew."""

from __future__ import annotations

from passerelle.desk.boards.asking import RULES
from passerelle.planning.roster.checks import ASKS


def test_every_rule_that_can_block_a_crew_has_words() -> None:
    of_groups_as_a_whole = {"strength"}

    assert ASKS.keys() - of_groups_as_a_whole <= RULES.keys()
