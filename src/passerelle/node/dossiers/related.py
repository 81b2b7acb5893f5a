"""The other dossiers that rules about a person look at.

One state of origin at a time, certificates overdue,
reasons copied from another file, the file to which a travel document belongs.

Folding them costs as many decryptions as they have acts, so the values are kept in this process as long as
nothing was added to the record of the dossier and its key is there.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from django.db.models import Count

from passerelle.node.dossiers.folding import fold_case, hear_many
from passerelle.node.dossiers.kinds import is_sheltered
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange.models import Cosignature, Entry
from passerelle.node.exchange.station import station
from passerelle.node.national.models import NationalEntry
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import home_side
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["forget_related", "related_of"]

_MOST: Final = 4096
_KEPT: OrderedDict[tuple[str, str], tuple[tuple[int, ...], DossierValue]] = OrderedDict()


def related_of(case: str, procedure: str, side: str) -> tuple[DossierValue, ...]:
    """Return the other dossiers that the rules of a procedure look at, on the side that holds them.

    Parameters
    ----------
    case
        The dossier itself; left out.
    procedure, side
        Its procedure, and our side in it.
    """
    if not is_sheltered(procedure) or home_side(definition(procedure)) != side:
        return ()
    rows = (
        Dossier.objects.filter(procedure__in={"identification", procedure}, side=side)
        .exclude(case=case)
        .select_related("corridor")
        .prefetch_related("corridor__suspensions", "corridor__profiles")
        .order_by("case")
    )
    return tuple(_fold_all({row.case: row for row in rows}).values())


def forget_related(case: str = "") -> None:
    """Forget what is kept of a dossier, or of all: its key is destroyed."""
    for key in [one for one in _KEPT if not case or one[1] == case]:
        del _KEPT[key]


def _fold_all(rows: Mapping[str, Dossier]) -> dict[str, DossierValue]:
    node = station()
    marks = _marks(list(rows))
    found: dict[str, DossierValue] = {}
    for case in rows:
        kept = _KEPT.get((node.identity.node, case))
        if kept is not None and _holds(kept, marks[case]) and node.keys.find(case) is not None:
            found[case] = kept[1]
    missing = [case for case in rows if case not in found]
    heard = hear_many(missing) if missing else {}
    for case in missing:
        value = fold_case(case, rows[case].corridor, heard[case])
        if isinstance(value, Refusal):
            continue
        found[case] = value
        _KEPT[node.identity.node, case] = (marks[case], value)
        if len(_KEPT) > _MOST:
            _KEPT.popitem(last=False)
    return found


def _holds(kept: tuple[tuple[int, ...], DossierValue], mark: tuple[int, ...]) -> bool:
    """Tell whether a value kept is still that of the record; a receipt changes no settled one."""
    before, value = kept
    return before[:2] == mark[:2] and (value.is_settled or before == mark)


def _marks(cases: list[str]) -> dict[str, tuple[int, ...]]:
    """Return what changes when something is added to the record of a dossier."""
    n_receipts = Cosignature.objects.count()
    shared = dict(
        Entry.objects.filter(case__in=cases).values_list("case").annotate(Count("id")).order_by()
    )
    national = dict(
        NationalEntry.objects.filter(case__in=cases)
        .values_list("case")
        .annotate(Count("id"))
        .order_by()
    )
    return {case: (shared.get(case, 0), national.get(case, 0), n_receipts) for case in cases}
