"""Folded dossiers kept in the process, for pages that need many at once.

A fold is kept under everything that its summary says of it, so a new act or receipt makes a new one;
it is given only while the dossier's key is there, and dropped when it is not: what was erased is not
read from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.node.dossiers.folding import fold_case, hear_many
from passerelle.node.exchange.station import station
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["folded_rows", "forget"]

_MOST: Final = 256
_FOLDS: Final[dict[str, tuple[tuple[object, ...], DossierValue]]] = {}


def folded_rows(rows: Sequence[Dossier]) -> list[tuple[Dossier, DossierValue]]:
    """Return summaries with their folded dossiers, those that can be opened, in the order given.

    Each row brings its corridor with it; otherwise every row costs a query.
    """
    if not rows:
        return []
    keys = station().keys
    there = [row for row in rows if keys.find(row.case) is not None]
    for case in {row.case for row in rows} - {row.case for row in there}:
        forget(case)
    new = [row for row in there if _FOLDS.get(row.case, ((),))[0] != _key(row)]
    heard = hear_many([row.case for row in new]) if new else {}
    for row in new:
        value = fold_case(row.case, row.corridor, heard[row.case])
        forget(row.case)
        if not isinstance(value, Refusal):
            if len(_FOLDS) >= _MOST:
                _FOLDS.pop(next(iter(_FOLDS)))
            _FOLDS[row.case] = (_key(row), value)
    return [(row, _FOLDS[row.case][1]) for row in there if row.case in _FOLDS]


def forget(case: str) -> None:
    """Drop the fold of a dossier."""
    _FOLDS.pop(case, None)


def _key(row: Dossier) -> tuple[object, ...]:
    return (row.definition, row.n_acts, row.n_refused, row.is_settled, row.touched_at, row.state)
