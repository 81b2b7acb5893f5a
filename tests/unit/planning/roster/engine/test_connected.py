"""What hangs together by links."""

from __future__ import annotations

from passerelle.planning.roster.engine.connected import connected


def test_chains_of_links_make_one_part_in_the_order_of_the_members() -> None:
    parts = connected([7, 3, 5, 1, 9], [(9, 3), (5, 9), (1, 1)])

    assert parts == [[7], [3, 5, 9], [1]]


def test_things_without_links_are_apart() -> None:
    assert connected([2, 1], []) == [[2], [1]]
