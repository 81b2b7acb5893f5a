"""Count sheets kept beside the summaries, so that a list of fifty partners opens no dossier.

A sheet changes when an act comes, and by itself when an offer that stands expires: it is then computed
again at the next look. After an erasure the last sheet stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.node.dossiers.folding import fold_case, hear_many
from passerelle.node.dossiers.models import Dossier, Sheet
from passerelle.procedures.reinforcement.columns import (
    SheetColumns,
    add_columns,
    columns_of_sheet,
    pack_columns,
    unpack_columns,
)
from passerelle.procedures.reinforcement.outlook import outlooks, replacements_owed
from passerelle.procedures.reinforcement.sheets import (
    CountSheet,
    as_of,
    count_sheet,
    valid_until,
)
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["COUNTED", "columns_of", "keep_sheet", "sheet_of", "sheets", "sum_of"]

COUNTED = "reinforcement"
"""The procedure whose dossiers are counted."""


def keep_sheet(row: Dossier, dossier: DossierValue, now: datetime) -> Sheet:
    """Compute the count sheet of a dossier and keep it."""
    sheet = count_sheet(dossier, as_of(dossier, now))
    blocked = sum(
        1
        for stretches in outlooks(dossier).values()
        if any(stretch.missing for stretch in stretches)
    )
    found, _ = Sheet.objects.update_or_create(
        dossier=row,
        defaults={
            "content": sheet.to_json(),
            "packed": pack_columns(columns_of_sheet(sheet)),
            "digest": sheet.digest,
            "cut_off": sheet.cut_off,
            "valid_until": valid_until(dossier, now),
            "n_blocked": blocked,
            "n_owed": len(replacements_owed(dossier)),
        },
    )
    return found


def sheets(now: datetime, *, event: str = "", peer: str = "") -> list[Sheet]:
    """Return the count sheets of all dossiers, or of one event or partner, as they are now.

    Parameters
    ----------
    now
        Present instant: a sheet whose time is over is computed again.
    event
        Code of the event; empty for all.
    peer
        Node of the partner; empty for all.
    """
    found = (
        Sheet.objects.defer("content", "packed")
        .select_related("dossier__corridor")
        .prefetch_related("dossier__corridor__suspensions", "dossier__corridor__profiles")
    )
    if event:
        found = found.filter(dossier__event=event)
    if peer:
        found = found.filter(dossier__corridor__peer=peer)
    found = found.order_by("dossier__corridor__peer_state", "dossier__opened_at", "dossier_id")
    stale = list(found.filter(valid_until__lt=now).values_list("dossier_id", flat=True))
    if stale:
        _recompute(stale, now)
    rows = list(found)
    _preload(rows)
    return rows


def sheet_of(row: Sheet) -> CountSheet:
    """Return the sheet of a row, as it is compared with the other side."""
    return CountSheet.from_json(row.content)


def columns_of(row: Sheet) -> SheetColumns:
    """Return the figures of a row; read once a process, because its digest names its content."""
    _preload([row])
    found = _COLUMNS.get(row.digest)
    # Another process may have kept a newer sheet between the two reads.
    return columns_of_sheet(sheet_of(row)) if found is None else found


def sum_of(rows: Sequence[Sheet]) -> SheetColumns:
    """Return the sum of several rows, taken once a process while none of them changes."""
    key = tuple(sorted(row.digest for row in rows))
    if key not in _SUMS:
        while len(_SUMS) >= _MOST_SUMS:
            _SUMS.pop(next(iter(_SUMS)))
        _SUMS[key] = add_columns([columns_of(row) for row in rows])
    return _SUMS[key]


_COLUMNS: Final[dict[str, SheetColumns]] = {}
_SUMS: Final[dict[tuple[str, ...], SheetColumns]] = {}
_MOST_COLUMNS: Final = 512
_MOST_SUMS: Final = 64


def _preload(rows: Sequence[Sheet]) -> None:
    """Read the columns that this process has not read yet, in one query."""
    missing = [row.pk for row in rows if row.digest not in _COLUMNS]
    if not missing:
        return
    while len(_COLUMNS) > max(0, _MOST_COLUMNS - len(missing)):
        _COLUMNS.pop(next(iter(_COLUMNS)))
    for pk, digest, packed in Sheet.objects.filter(pk__in=missing).values_list(
        "pk", "digest", "packed"
    ):
        _COLUMNS[digest] = unpack_columns(bytes(packed)) or _packed_now(pk)


def _packed_now(pk: str) -> SheetColumns:
    """Make the columns of a sheet that an earlier release kept without them."""
    row = Sheet.objects.get(pk=pk)
    columns = columns_of_sheet(sheet_of(row))
    Sheet.objects.filter(pk=pk, digest=row.digest).update(packed=pack_columns(columns))
    return columns


def _recompute(cases: Sequence[str], now: datetime) -> None:
    rows = Dossier.objects.select_related("corridor").prefetch_related(
        "corridor__suspensions", "corridor__profiles"
    )
    heard = hear_many(cases)
    for row in rows.filter(case__in=cases):
        value = fold_case(row.case, row.corridor, heard[row.case])
        if isinstance(value, Refusal):
            Sheet.objects.filter(dossier=row).update(valid_until=None)
        else:
            keep_sheet(row, value, now)
