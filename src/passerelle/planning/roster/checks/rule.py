"""What every rule of a plan offers: its word, what it asks, and a slow reference that finds breaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.planning.roster.checks.facts import Posted, Turn
    from passerelle.planning.roster.checks.violation import Violation
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["Rule"]


class Rule(NamedTuple):
    """Describe a rule; it looks at one or several of these things.

    Parameters
    ----------
    code
        Stable word of its violations.
    asks
        What it asks, one English sentence.
    of_way
        Yield what leaves the duties of a line without times; nothing else is asked of it then.
    of_duties
        Yield what is wrong with the duties of a line before their times are looked at.
    of_duty
        Tell what is wrong with one duty of a line.
    of_line
        Yield what is wrong with a line as a whole.
    of_group
        Tell what is wrong with so many crews of a group at work.
    of_post
        Tell what is wrong with a group on a duty, whatever else it does.
    of_site
        Yield what is wrong with who stands at a site at the same time.
    of_base
        Yield what is wrong with who lodges at a base.
    """

    code: str
    asks: str
    of_way: Callable[[Instance, Group, tuple[Duty, ...]], Iterator[Violation]] | None = None
    of_duties: Callable[[Instance, Group, tuple[Duty, ...]], Iterator[Violation]] | None = None
    of_duty: Callable[[Group, Turn], Violation | None] | None = None
    of_line: Callable[[Group, Sequence[Turn]], Iterator[Violation]] | None = None
    of_group: Callable[[Group, int], Violation | None] | None = None
    of_post: Callable[[Instance, Group, Duty], Violation | None] | None = None
    of_site: Callable[[Instance, Posted], Iterator[Violation]] | None = None
    of_base: Callable[[Instance, Posted], Iterator[Violation]] | None = None
