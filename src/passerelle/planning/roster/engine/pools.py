"""Find what crews of several classes may do alike.

Classes often differ by a few options only: visiting patrols by the places where their language is asked
for. Options that are equal but for their class are one here, named by the first of them; the postings
that the same classes share are a *pool*. A programme that lists the postings of pools instead of those of
classes loses nothing, and in a whole event it is a third as large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.roster.engine.catalogue import Catalogue
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Alike", "Pool"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


class Pool(NamedTuple):
    """Name postings and the classes that may work them.

    Parameters
    ----------
    classes
        The classes.
    postings
        Postings in the catalogue, by first options; shape ``(n,)``.
    starts, lengths
        Their windows in steps, same shape.
    """

    classes: tuple[int, ...]
    postings: LongArray
    starts: IntArray
    lengths: IntArray


class Alike:
    """Know which options are equal but for their class.

    Parameters
    ----------
    tables, lines, catalogue
        The compiled instance, its pricing and its postings.
    """

    def __init__(self, tables: Tables, lines: Lines, catalogue: Catalogue) -> None:
        self.catalogue, self._lines = catalogue, lines
        known: dict[tuple[object, ...], int] = {}
        found = [known.setdefault(_key(tables, i), i) for i in range(len(tables.options))]
        self.first: IntArray = np.array(found, dtype=np.int32)
        self._own = {
            (first, option.cls): index
            for index, (first, option) in enumerate(zip(found, tables.options, strict=True))
        }
        self._window = np.repeat(np.arange(len(catalogue.starts)), np.diff(catalogue.of_window))
        self._order = np.argsort(catalogue.option, kind="stable")
        self._edges = np.searchsorted(
            catalogue.option[self._order], np.arange(len(tables.options) + 1)
        )

    def own(self, first: int, cls: int) -> int:
        """Return the option of a class that is like a first one."""
        return self._own[first, cls]

    def named(self, postings: LongArray) -> LongArray:
        """Return postings by first options, each once, in order."""
        found = [np.zeros(0, dtype=np.int64)]
        options = self.catalogue.option[postings]
        for option in np.unique(options).tolist():
            places = np.searchsorted(self._of(option), postings[options == option])
            found.append(self._of(int(self.first[option]))[places])
        return np.unique(np.concatenate(found))

    def size(self, classes: Iterable[int]) -> int:
        """Return how many postings some classes have, those that are alike counted once."""
        return sum(
            int(self._edges[o + 1] - self._edges[o])
            for o in {int(o) for cls in classes for o in self.first[self._lines.options_of(cls)]}
        )

    def pools(self, classes: Sequence[int]) -> list[Pool]:
        """Return the postings of some classes, by who of them may work them."""
        who: dict[int, dict[int, None]] = {}
        for cls in classes:
            for first in self.first[self._lines.options_of(cls)]:
                who.setdefault(int(first), {})[cls] = None
        shared: dict[tuple[int, ...], list[LongArray]] = {}
        for first, members in who.items():
            shared.setdefault(tuple(members), []).append(self._of(first))
        found = []
        for together, postings in shared.items():
            chosen = np.sort(np.concatenate(postings))
            windows = self._window[chosen]
            starts, lengths = self.catalogue.starts[windows], self.catalogue.lengths[windows]
            found.append(Pool(together, chosen, starts, lengths))
        return found

    def _of(self, option: int) -> LongArray:
        """Return the postings of one option."""
        return self._order[self._edges[option] : self._edges[option + 1]]


def _key(tables: Tables, index: int) -> tuple[object, ...]:
    """Return all that matters of an option but its class."""
    o = tables.options[index]
    return (
        o.marks, o.ext, o.least, o.most, o.rate, o.fixed, o.tracks, o.coefs,
        int(tables.class_people[o.cls]), int(tables.class_base[o.cls]),
    )  # fmt: skip
