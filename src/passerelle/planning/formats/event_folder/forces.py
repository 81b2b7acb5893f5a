"""Forces of the host and contingents of partners: ``forces.csv`` and ``contingents.csv``.

Both files have one row a group of identical crews. A partner's rules are merged with the host's on
reading: what stands in :class:`Force` already protects the person by both laws.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval
from passerelle.planning.force import (
    Base,
    Certificate,
    Contingent,
    CrewGroup,
    Force,
    more_protective,
)
from passerelle.planning.formats.event_folder.reported import is_reported, read_reported
from passerelle.planning.formats.event_folder.settings import HOST_RULES, PARTNER_RULES
from passerelle.planning.formats.event_folder.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from passerelle.planning.force import ArrangementRules
    from passerelle.planning.formats.event_folder.tables import IssueLog, Row

__all__ = ["CONTINGENT_COLUMNS", "FORCE_COLUMNS", "ForceReader"]

_GROUP_REQUIRED: Final = ("group_id", "name", "capabilities", "crews", "base_id")
_GROUP_OPTIONAL: Final = (
    "crew_people",
    "crew_animals",
    "base_name",
    "base_lat",
    "base_lon",
    "base_beds",
    "from",
    "to",
    "languages",
    "certificates",
    "rules",
    "cost_eur_day",
    "sites",
    "nations",
    "armed",
    "rest_debt_min",
    "source",
    "estimated",
    "note",
)
FORCE_COLUMNS: Final = (_GROUP_REQUIRED, _GROUP_OPTIONAL)
"""Columns of ``forces.csv``: required, then optional."""

CONTINGENT_COLUMNS: Final = (
    ("contingent_id", "state", *_GROUP_REQUIRED),
    ("contingent", "stage", "caps", *_GROUP_OPTIONAL),
)
"""Columns of ``contingents.csv``: required, then optional."""


class ForceReader:
    """Read groups; holds what all rows share.

    Parameters
    ----------
    host
        State of the host.
    timezone, period
        Zone and period of the event, the default availability.
    rules
        Rules of ``event.toml``.
    site_ids
        Known sites, for groups bound to some.
    towns
        Position of each town, the one with the most places first; where reported contingents sleep.
    log
        Where issues go.
    """

    def __init__(
        self,
        *,
        host: str,
        timezone: str,
        period: Interval,
        rules: tuple[ArrangementRules, ...],
        site_ids: Collection[str],
        towns: Mapping[str, tuple[float, float]],
        log: IssueLog,
    ) -> None:
        self._host = host
        self._zone = ZoneInfo(timezone)
        self._period = period
        self._rules = {rule.id: rule for rule in rules}
        self._merged: dict[str, ArrangementRules] = {}
        self._sites = frozenset(site_ids)
        self._towns = towns
        self.reported = 0
        self._log = log
        self._bases: dict[str, Base] = {}
        self._groups: dict[str, CrewGroup] = {}
        self._contingents: dict[str, tuple[str, str, Stage, list[str], dict[str, int]]] = {}

    def read_forces(self, path: Path) -> None:
        """Read ``forces.csv``."""
        for row in read_rows(path, *FORCE_COLUMNS, self._log):
            self._group(row, self._host, "", Stage.ACCEPTED)

    def read_contingents(self, path: Path) -> None:
        """Read ``contingents.csv``, in our columns or as the press reports it."""
        if is_reported(path):
            for row in read_reported(path, self._towns, self._log):
                self.reported += 1
                self._contingent(row)
        else:
            for row in read_rows(path, *CONTINGENT_COLUMNS, self._log):
                self._contingent(row)

    def _contingent(self, row: Row) -> None:
        code, state = row.code("contingent_id"), row.code("state")
        if state == self._host:
            row.wrong("state", "folder.own-contingent", f"another state than {self._host}")
        stage = row.choice("stage", Stage, Stage.ACCEPTED)
        name = row.text("contingent", state)
        entry = self._contingents.setdefault(code, (state, name, stage, [], {}))
        if entry[:3] != (state, name, stage):
            expected = f"state, contingent and stage as in the first row of {code}"
            row.wrong("contingent_id", "folder.contradiction", expected)
        entry[4].update(self._caps(row))
        group = self._group(row, state, code, stage)
        if group:
            entry[3].append(group)

    def force(self) -> Force:
        """Return everything read; only when the log holds no issue."""
        contingents = tuple(
            Contingent(code, state, name, stage, tuple(groups), tuple(sorted(caps.items())))
            for code, (state, name, stage, groups, caps) in sorted(self._contingents.items())
        )
        groups = tuple(group for _, group in sorted(self._groups.items()))
        rules = {**self._rules, **self._merged}
        return Force(groups, contingents, tuple(rule for _, rule in sorted(rules.items())))

    def _caps(self, row: Row) -> dict[str, int]:
        """Read ``caps`` such as ``STE:2;LYO:1``: most crews at a site."""
        found = {}
        for item in row.items("caps"):
            site, _, count = item.partition(":")
            if site not in self._sites or not count.isdecimal():
                row.wrong("caps", "folder.not-caps", "known sites and numbers such as STE:2")
                return {}
            found[site] = int(count)
        return found

    def _group(self, row: Row, owner: str, contingent: str, stage: Stage) -> str:
        code = row.code("group_id")
        if code in self._groups:
            row.wrong("group_id", "folder.double-id", "a code used once")
        capabilities = row.items("capabilities")
        self._check_known(row, "capabilities", capabilities, catalogue())
        if not capabilities:
            row.wrong("capabilities", "folder.empty-cell", "at least one code of the catalogue")
        main = catalogue().get(capabilities[0]) if capabilities else None
        people = row.whole("crew_people", main.unit_people if main else 1, least=1, most=1_000)
        animals = row.whole("crew_animals", main.unit_animals if main else 0, most=1_000)
        sites = row.items("sites")
        self._check_known(row, "sites", sites, self._sites)
        crews, base = row.whole("crews", most=100_000), self._base(row)
        available, certificates = self._available(row), _certificates(row)
        rules = self._rules_for(row, is_host=owner == self._host)
        cost = row.whole("cost_eur_day", 0)
        debt = row.whole("rest_debt_min", 0)
        armed = row.flag("armed", default=owner == self._host)
        estimated = row.flag("estimated", default=True)
        name = row.text("name")
        if not row.ok or base is None or available is None:
            return ""
        self._groups[code] = CrewGroup(
            id=code,
            contingent_id=contingent,
            owner=owner,
            is_host=owner == self._host,
            name=name,
            capabilities=capabilities,
            crew_people=people,
            crew_animals=animals,
            crews=crews,
            base=base,
            available=available,
            languages=row.items("languages"),
            certificates=certificates,
            rules_id=rules,
            cost_eur_day=cost,
            allowed_site_ids=sites,
            supports_nations=row.items("nations"),
            is_armed=armed,
            stage=stage,
            rest_debt_min=debt,
            source=row.text("source", ""),
            is_assumed=estimated,
        )
        return code

    @staticmethod
    def _check_known(row: Row, column: str, codes: tuple[str, ...], known: Collection[str]) -> None:
        unknown = [code for code in codes if code not in known]
        if unknown:
            what = "capability" if column == "capabilities" else "site"
            expected = f"known codes ({', '.join(sorted(known)[:40])})"
            row.wrong(column, f"folder.unknown-{what}", expected, ";".join(unknown))

    def _base(self, row: Row) -> Base | None:
        code = row.code("base_id")
        known = self._bases.get(code)
        if known is not None and not any(
            row.has(name) for name in ("base_name", "base_lat", "base_lon", "base_beds")
        ):
            return known
        lat = row.number("base_lat", least=-90, most=90)
        lon = row.number("base_lon", least=-180, most=180)
        beds = row.whole("base_beds", -1, least=-1)
        base = Base(code, row.text("base_name", code), lat, lon, None if beds < 0 else beds)
        if known is not None and base != known:
            row.wrong("base_id", "folder.contradiction", f"the description of {code} above")
            return None
        return self._bases.setdefault(code, base)

    def _available(self, row: Row) -> Interval | None:
        """Read ``from`` and ``to``: instants, or days of the event's zone with the last included."""
        start = self._edge(row, "from", self._period.start, timedelta(0))
        end = self._edge(row, "to", self._period.end, timedelta(days=1))
        if start is None or end is None:
            return None
        if start >= end:
            row.wrong("to", "folder.reversed", "an end after the start")
            return None
        return Interval(start, end)

    def _edge(self, row: Row, column: str, default: datetime, after: timedelta) -> datetime | None:
        if not row.has(column):
            return default
        if len(row.text(column)) > 10:
            return row.instant(column)
        day = row.day(column)
        if day == date.min:
            return None
        return datetime.combine(day + after, time(), self._zone).astimezone(UTC)

    def _rules_for(self, row: Row, *, is_host: bool) -> str:
        name = row.text("rules", HOST_RULES if is_host else PARTNER_RULES)
        rules = self._rules.get(name)
        if rules is None:
            row.wrong("rules", "folder.unknown-rules", f"one of {', '.join(self._rules)}")
            return name
        if is_host:
            return name
        merged = more_protective(self._rules[HOST_RULES], rules)
        self._merged[merged.id] = merged
        return merged.id


def _certificates(row: Row) -> tuple[Certificate, ...]:
    """Read ``eod-3@2024-08-02;dog-explosives``."""
    found = []
    for item in row.items("certificates"):
        code, _, expires = item.partition("@")
        try:
            found.append(Certificate(code, date.fromisoformat(expires) if expires else None))
        except ValueError:
            row.wrong("certificates", "folder.not-a-date", "items such as eod-3@2024-08-02")
    return tuple(found)
