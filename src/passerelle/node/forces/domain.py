"""Write the rows of contingents and groups that a revision names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.node.forces.models import Contingent, CrewGroup

if TYPE_CHECKING:
    from passerelle.node.events.models import EventRevision
    from passerelle.planning.force import Force

__all__ = ["add_forces"]


def add_forces(revision: EventRevision, force: Force) -> None:
    """Add a row for each contingent and each group; called inside the import's transaction."""
    Contingent.objects.bulk_create(
        Contingent(
            revision=revision,
            code=contingent.id,
            state=contingent.state,
            name=contingent.name[:200],
            stage=contingent.stage.value,
        )
        for contingent in force.contingents
    )
    contingents = dict(revision.contingents.values_list("code", "pk"))
    CrewGroup.objects.bulk_create(
        (
            CrewGroup(
                revision=revision,
                code=group.id,
                contingent_id=contingents.get(group.contingent_id),
                state=group.owner,
                name=group.name[:200],
                capability=group.capabilities[0],
                crews=group.crews,
                crew_people=group.crew_people,
                base=group.base.name[:200],
                available_from=group.available.start,
                available_to=group.available.end,
                rules=group.rules_id,
                is_assumed=group.is_assumed,
            )
            for group in force.groups
        ),
        batch_size=500,
    )
