"""A crew stands where its arrangement lets it stand.

The engine makes postings of a group at its own sites only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "site"


def _of_post(
    instance: Instance,  # noqa: ARG001 - as for every rule of posts
    group: Group,
    duty: Duty,
) -> Violation | None:
    if group.sites is not None and duty.site not in group.sites:
        return Violation(
            _CODE, f"{group.code} at {clock(duty.start_min)}", "an allowed site", duty.site
        )
    return None


RULE: Final = Rule(
    _CODE,
    "A crew stands at a site that its arrangement allows.",
    of_post=_of_post,
)
