"""Link the duties of teams with the postings of pools, window by window.

After duties that begin together and end between the same two starts of others, a crew can do the same: they
have one row and one column, those of their *lead*, the shortest of them. Where a team may work the postings
of one pool alone, its duties count in the row of the pool; elsewhere they count in a row of the team, out
of which crews go to each pool that it may work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _flow_kernels
from passerelle.planning.roster.engine.choice import able
from passerelle.planning.roster.engine.connected import connected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.engine.choice import Team
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.pools import Pool
    from passerelle.planning.roster.engine.sparse import SparseProgramme
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Windows"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SLACK: Final = 1e-6


class Windows:
    """Hold the rows that link duties and postings; they are appended at once.

    Parameters
    ----------
    programme
        Where the rows go.
    tables, lines
        The compiled instance and its pricing.
    teams, arcs
        The crews and the duties of each: start, length, days of the run before, when ready and when
        rested; shape ``(n, 5)``.
    pools
        The postings.

    Attributes
    ----------
    lead
        By team and window the length of its lead; shape ``(n_steps, longest + 1)``.
    of_pool
        By pool, the row of its postings in windows of each lead, -1 where there is none; same shape.
    of_team
        By team, the row of its duties; same shape.
    """

    def __init__(  # noqa: PLR0917 - the parts of one problem
        self,
        programme: SparseProgramme,
        tables: Tables,
        lines: Lines,
        teams: Sequence[Team],
        arcs: Sequence[IntArray],
        pools: Sequence[Pool],
    ) -> None:
        self._matrix, self._day = programme, tables.steps_per_day
        self._teams, self._arcs_of, self._pools = teams, arcs, pools
        self._shape = (tables.n_steps, tables.longest + 1)
        self._may = able(teams, pools)
        self._sent: dict[tuple[int, int], tuple[BoolArray, int]] = {}
        specs = [lines.rules_of(team.twins[0].kinds[0]).spec for team in teams]
        self.lead = self._leads(specs)
        self.of_pool, self.of_team = self._rows()

    def lead_of(self, pool: int) -> IntArray:
        """Return the length of the lead of each window of a pool; shape ``(n_steps, longest + 1)``."""
        return self.lead[self._may[pool][0]]

    def drawn(
        self, columns: FloatArray, duties_of: Sequence[LongArray]
    ) -> Iterator[dict[int, FloatArray]]:
        """Yield for each pool which share of the crews on duty goes there.

        Parameters
        ----------
        columns
            Values of the columns of the programme.
        duties_of
            By team, the column of each duty.

        Yields
        ------
        dict
            By flow, counted over the kinds of all teams; shape ``(n_steps, longest + 1)``.
        """
        shape, on_duty = self._shape, []
        for arcs, lead, duty in zip(self._arcs_of, self.lead, duties_of, strict=True):
            duties, first = np.unique(duty, return_index=True)
            total = np.zeros(shape)
            steps = arcs[first, 0]
            np.add.at(total, (steps, lead[steps, arcs[first, 1]]), columns[duties])
            on_duty.append(total)
        sent = [np.zeros(shape) for _ in self._teams]
        gone = {}
        for (j, i), (mask, first_column) in self._sent.items():
            gone[j, i] = np.zeros(shape)
            gone[j, i][mask] = columns[first_column : first_column + int(mask.sum())]
            sent[i] += gone[j, i]
        ends = np.cumsum([len(team.twins) for team in self._teams])
        for j, mine in enumerate(self._may):
            found: dict[int, FloatArray] = {}
            for i in mine:
                team, lead = self._teams[i], self.lead[i]
                here = np.maximum(on_duty[i] - sent[i], 0.0)
                if (j, i) in gone:  # where there is a choice; elsewhere all go to the one pool
                    here = np.where(self._sent[j, i][0], gone[j, i], here)
                share = np.divide(here, on_duty[i], out=np.zeros(shape), where=on_duty[i] > _SLACK)
                share = np.take_along_axis(share, lead.astype(np.int64), axis=1)
                begin = int(ends[i]) - len(team.twins)
                for index, twins in enumerate(team.twins, begin):
                    if twins.cls in self._pools[j].classes:
                        found[index] = share
            yield found

    def _rows(self) -> tuple[list[IntArray], list[IntArray]]:
        """Append a row for each lead: postings there take no more crews than are on duty."""
        on_duty = [np.zeros(self._shape, dtype=np.bool_) for _ in self._teams]
        for found, arcs, lead in zip(on_duty, self._arcs_of, self.lead, strict=True):
            found[arcs[:, 0], lead[arcs[:, 0], arcs[:, 1]]] = True
        posted, open_to = [], []
        for j, (pool, may) in enumerate(zip(self._pools, self._may, strict=True)):
            mask = np.zeros(self._shape, dtype=np.bool_)
            mask[pool.starts, self.lead_of(j)[pool.starts, pool.lengths]] = True
            posted.append(mask & np.any([on_duty[i] for i in may], axis=0))
            open_to.append({i for i in may if set(self._teams[i].classes) <= set(pool.classes)})
        of_team = []
        for i, mask in enumerate(on_duty):
            mine = [j for j, may in enumerate(self._may) if i in may]
            own = [posted[j] for j in mine if self._may[j] == [i] or i not in open_to[j]]
            several = np.sum([posted[j] for j in mine], axis=0) > 1
            of_team.append(self._rows_at(mask & (several | np.any(own, axis=0))))
        of_pool = []
        for j, at in enumerate(posted):
            if len(self._may[j]) == len(open_to[j]) == 1:
                of_pool.append(of_team[self._may[j][0]])
                continue
            shared = self._rows_at(at)
            of_pool.append(shared)
            for i in self._may[j]:
                crews = None if i in open_to[j] else self._teams[i].crews(self._pools[j].classes)
                self._sent[j, i] = self._send(of_team[i], shared, at & on_duty[i], crews)
        rows = [found.copy() for found in of_team]
        for may, shared in zip(self._may, of_pool, strict=True):
            for i in may:
                rows[i] = np.where(rows[i] < 0, shared, rows[i])
        return of_pool, rows

    def _leads(self, specs: Sequence[IntArray]) -> list[IntArray]:
        """Return the leads; teams of one pool are told apart alike."""
        leads = [np.zeros(self._shape, dtype=np.int32) for _ in self._teams]
        links = [(may[0], i) for may in self._may for i in may]
        for family in connected(range(len(self._teams)), links):
            arcs = np.concatenate([self._arcs_of[i] for i in family])
            starts, windows = np.unique(arcs[:, 0]), np.unique(arcs[:, :2], axis=0)
            keys = [windows[:, 0]]
            for spec in {specs[i].tobytes(): specs[i] for i in family}.values():
                ends = [
                    _flow_kernels.rests(a, b, spec, self._shape[0]) for a, b in windows.tolist()
                ]
                keys += list(np.searchsorted(starts, np.array(ends).reshape(-1, 2)).T)
            _, first, group = np.unique(
                np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True
            )
            for i in family:
                leads[i][windows[:, 0], windows[:, 1]] = windows[first[group.reshape(-1)], 1]
        return leads

    def _rows_at(self, mask: BoolArray) -> IntArray:
        """Append a row for each window of a mask; return them by window, -1 elsewhere."""
        rows = np.full(mask.shape, -1, dtype=np.int32)
        n = int(mask.sum())
        rows[mask] = self._matrix.rows(np.full(n, -np.inf), np.zeros(n)) + np.arange(n)
        return rows

    def _send(
        self, own: IntArray, shared: IntArray, at: BoolArray, crews: int | None
    ) -> tuple[BoolArray, int]:
        """Append crews that go from windows of a team to those of a pool, where both have rows.

        Where some of the team may not, no more go on a day than the others are.

        Returns
        -------
        tuple
            Those windows, and the column of the first.
        """
        m, both = self._matrix, at & (own >= 0)
        first, n = m.columns(np.zeros(int(both.sum()))), int(both.sum())
        m.put(own[both], first + np.arange(n), 1.0)
        m.put(shared[both], first + np.arange(n), -1.0)
        if crews is not None:
            day_of = np.nonzero(both)[0] // self._day
            days, place = np.unique(day_of, return_inverse=True)
            row = m.rows(np.full(len(days), -np.inf), np.full(len(days), float(crews)))
            m.put(row + place.reshape(-1), first + np.arange(n), 1.0)
        return both, first
