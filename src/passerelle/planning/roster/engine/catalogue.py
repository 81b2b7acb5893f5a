"""List every posting that exists, window by window, as arrays.

The windows of a class are the times, door to door, in which its crews may be posted; the postings of
a window are the sites and capabilities where they may be posted then. All loops over *where* a crew
could stand run over one slice of these arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.board import Worked
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Option, Tables

__all__ = ["Catalogue", "duties_of", "find_postings", "list_postings"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


class Catalogue(NamedTuple):
    """Hold windows and postings; a tuple of arrays, so that compiled code takes it as it is.

    Parameters
    ----------
    of_class
        Windows of class ``q`` are ``of_class[q]`` up to ``of_class[q + 1]``.
    starts, lengths
        Window in steps, door to door; shape ``(n_windows,)``.
    of_window
        Postings of window ``w`` are ``of_window[w]`` up to ``of_window[w + 1]``.
    option, first, last
        Option of a posting and its steps on site; shape ``(n_postings,)``.
    cost
        Cost of the work of one crew.
    night
        First step of the day on which the posting starts: the place of its beds.
    places
        Window of class, start and length, or -1; shape ``(n_classes, n_steps, longest + 1)``.
    """

    of_class: LongArray
    starts: IntArray
    lengths: IntArray
    of_window: LongArray
    option: IntArray
    first: IntArray
    last: IntArray
    cost: FloatArray
    night: IntArray
    places: IntArray


def list_postings(tables: Tables, lines: Lines) -> Catalogue:
    """Return every posting of every class.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    """
    n_classes = len(tables.class_people)
    places = np.full((n_classes, tables.n_steps, tables.longest + 1), -1, dtype=np.int32)
    of_class, of_window = [0], [np.zeros(1, dtype=np.int64)]
    nothing = np.zeros((0, 5), dtype=np.int64)
    windows, postings, size = [nothing[:, :2]], [nothing], 0
    for cls in range(n_classes):
        found = _postings_of(tables, lines, cls)
        fresh = np.ones(len(found), dtype=np.bool_)
        fresh[1:] = (found[1:, :2] != found[:-1, :2]).any(axis=1)
        heads = np.flatnonzero(fresh)
        starts, lengths = found[heads, 0], found[heads, 1]
        places[cls, starts, lengths] = np.arange(len(heads)) + of_class[-1]
        windows.append(found[heads, :2])
        of_window.append(size + np.append(heads[1:], len(found))[: len(heads)])
        size += len(found)
        postings.append(found)
        of_class.append(of_class[-1] + len(heads))
    rows, window = np.concatenate(postings), np.concatenate(windows)
    option = rows[:, 2].astype(np.int32)
    rate, fixed = lines.rate[option], lines.fixed[option]
    per_day = tables.steps_per_day
    return Catalogue(
        of_class=np.array(of_class, dtype=np.int64),
        starts=window[:, 0].astype(np.int32),
        lengths=window[:, 1].astype(np.int32),
        of_window=np.concatenate(of_window),
        option=option,
        first=rows[:, 3].astype(np.int32),
        last=rows[:, 4].astype(np.int32),
        cost=rate * (rows[:, 4] - rows[:, 3]) + fixed,
        night=(rows[:, 0] // per_day * per_day).astype(np.int32),
        places=places,
    )


def _postings_of(tables: Tables, lines: Lines, cls: int) -> LongArray:
    """Return start, length, option, first and last step of all postings of a class, in order."""
    found = [np.zeros((0, 5), dtype=np.int64)]
    for index in lines.options_of(cls):
        option = tables.options[int(index)]
        first, last = duties_of(option, tables.n_steps).T
        start, length = first - option.ext, last - first + 2 * option.ext
        found.append(np.stack((start, length, np.full(len(first), index), first, last), axis=1))
    rows = np.concatenate(found)
    return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]


def find_postings(catalogue: Catalogue, cls: int, line: Worked) -> tuple[list[int], list[int]]:
    """Return windows and postings in the catalogue of a line of a class.

    Parameters
    ----------
    catalogue
        Every posting.
    cls
        Class of the crew.
    line
        Postings of the crew, by options of its class.
    """
    windows = [int(catalogue.places[cls, start, length]) for start, length, _ in line]
    postings = []
    for window, (_, _, option) in zip(windows, line, strict=True):
        first, last = int(catalogue.of_window[window]), int(catalogue.of_window[window + 1])
        postings.append(first + int(np.searchsorted(catalogue.option[first:last], option)))
    return windows, postings


def duties_of(option: Option, n_steps: int) -> LongArray:
    """Return first and last step on site of all duties of an option, shape ``(n, 2)``."""
    marks = np.array(option.marks, dtype=np.int64)
    first, last = (grid.ravel() for grid in np.meshgrid(marks, marks, indexing="ij"))
    exists = (last - first >= option.least) & (last - first <= option.most)
    exists &= (first >= option.ext) & (last + option.ext <= n_steps)
    return np.stack((first[exists], last[exists]), axis=1)
