"""A count sheet as columns, for lists and sums over many sheets.

A sheet of forty lines has thousands of rows, and fifty of them are added up for one page. As columns of
numbers they are read and added in milliseconds; as objects it took seconds. Columns say the same as the
sheet they were made of and are never signed or compared: that is done with the sheet itself.

A row is found by one number made of its four codes, and rows are kept in the order of it.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.procedures.reinforcement.sheets import ANY
from passerelle.procedures.reinforcement.strands import Figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from passerelle.procedures.reinforcement.sheets import CountSheet

__all__ = ["SheetColumns", "add_columns", "columns_of_sheet", "pack_columns", "unpack_columns"]

_STAGES: Final = tuple(Stage)
_STAGE_CODES: Final = {stage: code for code, stage in enumerate(_STAGES)}
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """Hold the figures of one or several sheets as columns.

    Parameters
    ----------
    during
        Whole days in UTC that the figures cover; ``None`` when there is nothing to count.
    capabilities, places, days
        What the codes of the rows stand for, in order; ``*`` is one of each.
    keys
        Rows by the number made of capability, place, day and stage, rising; shape ``(n,)``.
    figures
        Posts, people present, people and person-days; shape ``(n, 4)``.
    """

    during: Interval | None
    capabilities: tuple[str, ...]
    places: tuple[str, ...]
    days: tuple[str, ...]
    keys: NDArray[np.int64]
    figures: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.figures.shape != (len(self.keys), 4):
            raise ValueError(f"Expected figures of shape ({len(self.keys)}, 4).")
        self.keys.setflags(write=False)
        self.figures.setflags(write=False)

    def at(
        self, stage: Stage, *, capability: str = ANY, place: str = ANY, day: str = ANY
    ) -> Figures:
        """Return the figures of one scope; zeros when there are none."""
        try:
            codes = (
                self.capabilities.index(capability),
                self.places.index(place),
                self.days.index(day),
            )
        except ValueError:
            return Figures()
        key = self._key(*codes, _STAGE_CODES[stage])
        row = int(np.searchsorted(self.keys, key))
        if row == len(self.keys) or self.keys[row] != key:
            return Figures()
        return Figures(*self.figures[row].tolist())

    def values(self, field: str) -> tuple[str, ...]:
        """Return the capabilities, places or days that have a row, in order."""
        known = {"capability": self.capabilities, "place": self.places, "day": self.days}[field]
        return tuple(sorted(one for one in known if one != ANY))

    def _key(self, capability: int, place: int, day: int, stage: int) -> int:
        part = capability * len(self.places) + place
        return (part * len(self.days) + day) * len(_STAGES) + stage


def columns_of_sheet(sheet: CountSheet) -> SheetColumns:
    """Turn a sheet into columns."""
    capabilities = tuple(sorted({scope.capability for scope in sheet.rows}))
    places = tuple(sorted({scope.place for scope in sheet.rows}))
    days = tuple(sorted({scope.day for scope in sheet.rows}))
    of_capability = {name: code for code, name in enumerate(capabilities)}
    of_place = {name: code for code, name in enumerate(places)}
    of_day = {name: code for code, name in enumerate(days)}
    codes = np.array(
        [
            (
                of_capability[scope.capability],
                of_place[scope.place],
                of_day[scope.day],
                _STAGE_CODES[scope.stage],
            )
            for scope in sheet.rows
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    figures = np.array(
        [(one.posts, one.present, one.people, one.person_days) for one in sheet.rows.values()],
        dtype=np.int64,
    ).reshape(-1, 4)
    keys = _keys(tuple(codes.T), len(places), len(days))
    order = np.argsort(keys)
    return SheetColumns(sheet.during, capabilities, places, days, keys[order], figures[order])


def add_columns(parts: Sequence[SheetColumns]) -> SheetColumns:
    """Add several partners up: what sums, sums; peaks over the time are taken over days of the sum.

    Says what :func:`~.sheets.add_sheets` says of the same sheets.
    """
    spans = [one.during for one in parts if one.during is not None]
    if not spans:
        return SheetColumns(None, (), (), (), np.zeros(0, np.int64), np.zeros((0, 4), np.int64))
    capabilities = _together(one.capabilities for one in parts)
    places = _together(one.places for one in parts)
    days = _together(one.days for one in parts)
    keys = np.concatenate([_moved(one, capabilities, places, days) for one in parts])
    found, inverse = np.unique(keys, return_inverse=True)
    figures = np.zeros((len(found), 4), dtype=np.int64)
    np.add.at(figures, inverse, np.concatenate([one.figures for one in parts]))
    during = Interval(min(one.start for one in spans), max(one.end for one in spans))
    _take_peaks(figures, found, len(places), len(days), days.index(ANY))
    return SheetColumns(during, capabilities, places, days, found, figures)


def pack_columns(columns: SheetColumns) -> bytes:
    """Write columns for storage."""
    during = columns.during
    head = {
        "format": _FORMAT,
        "during": during and [format_instant(during.start), format_instant(during.end)],
        "capabilities": columns.capabilities,
        "places": columns.places,
        "days": columns.days,
    }
    body = columns.keys.astype("<i8").tobytes() + columns.figures.astype("<i8").tobytes()
    return zlib.compress(json.dumps(head).encode() + b"\n" + body, 1)


def unpack_columns(data: bytes) -> SheetColumns | None:
    """Read columns that this program wrote; ``None`` for those of another format, and for nothing."""
    if not data:
        return None
    head_text, _, body = zlib.decompress(data).partition(b"\n")
    head = json.loads(head_text)
    if head["format"] != _FORMAT:
        return None
    numbers = np.frombuffer(body, dtype="<i8").astype(np.int64)
    n = len(numbers) // 5
    during = head["during"]
    return SheetColumns(
        Interval(*map(parse_instant, during)) if during else None,
        tuple(head["capabilities"]),
        tuple(head["places"]),
        tuple(head["days"]),
        numbers[:n].copy(),
        numbers[n:].reshape(-1, 4).copy(),
    )


def _keys(codes: Sequence[NDArray[np.int64]], n_places: int, n_days: int) -> NDArray[np.int64]:
    capability, place, day, stage = codes
    keys: NDArray[np.int64] = ((capability * n_places + place) * n_days + day) * len(
        _STAGES
    ) + stage
    return keys


def _codes(keys: NDArray[np.int64], n_places: int, n_days: int) -> tuple[NDArray[np.int64], ...]:
    """Return capability, place, day and stage of each key."""
    rest, stage = np.divmod(keys, len(_STAGES))
    rest, day = np.divmod(rest, max(1, n_days))
    capability, place = np.divmod(rest, max(1, n_places))
    return capability, place, day, stage


def _together(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({ANY, *chain.from_iterable(several)}))


def _moved(
    one: SheetColumns,
    capabilities: tuple[str, ...],
    places: tuple[str, ...],
    days: tuple[str, ...],
) -> NDArray[np.int64]:
    """Return the keys of a sheet in the codes of the sum."""
    capability, place, day, stage = _codes(one.keys, len(one.places), len(one.days))
    return _keys(
        (
            _places_in(one.capabilities, capabilities)[capability],
            _places_in(one.places, places)[place],
            _places_in(one.days, days)[day],
            stage,
        ),
        len(places),
        len(days),
    )


def _places_in(names: tuple[str, ...], among: tuple[str, ...]) -> NDArray[np.int64]:
    known = {name: code for code, name in enumerate(among)}
    return np.array([known[name] for name in names], dtype=np.int64)


def _take_peaks(
    figures: NDArray[np.int64], keys: NDArray[np.int64], n_places: int, n_days: int, whole: int
) -> None:
    """Set posts and people present of the whole time to the peak over the days."""
    capability, place, day, stage = _codes(keys, n_places, n_days)
    scope = _keys((capability, place, np.zeros_like(day), stage), n_places, 1)
    found, inverse = np.unique(scope, return_inverse=True)
    peaks = np.zeros((len(found), 2), dtype=np.int64)
    daily = day != whole
    np.maximum.at(peaks, inverse[daily], figures[daily, :2])
    figures[~daily, :2] = peaks[inverse[~daily]]
