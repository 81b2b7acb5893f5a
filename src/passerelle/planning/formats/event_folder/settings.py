"""``event.toml``: what an event is beyond its tables, and the defaults when the file is not there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.ids import is_code, is_slug
from passerelle.kernel.times import Interval
from passerelle.planning.force import ArrangementRules, HourWindow
from passerelle.planning.formats.event_folder.tables import IssueLog, Row, read_text
from passerelle.planning.formats.event_folder.venues import is_zone
from passerelle.planning.programme import AlertArea, Doubling, Nation, Qualification, Threat
from passerelle.planning.programme.nations import known_nations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FILE", "HOST_RULES", "PARTNER_RULES", "PROGRAMME", "Settings", "read_settings"]

FILE: Final = "event.toml"
PROGRAMME: Final = "sessions.csv"
"""File of the sessions where nothing else is said."""
HOST_RULES: Final = "host"
PARTNER_RULES: Final = "partner"

_KEYS: Final = frozenset(
    {
        "id",
        "name",
        "host",
        "timezone",
        "from",
        "to",
        "threat",
        "centre",
        "programme",
        "states",
        "nations",
        "doublings",
        "alerts",
        "qualifications",
        "rules",
        "posts",
    }
)
_RULE_HINTS: Final[Mapping[str, object]] = get_type_hints(ArrangementRules)


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold ``event.toml``; ``None`` or empty where the file says nothing.

    Parameters
    ----------
    id, name, host, timezone
        As in :class:`~passerelle.planning.programme.Event`.
    period
        From ``from`` to ``to``.
    threat
        General level.
    centre
        Site of the cooperation centre.
    programme
        File of the sessions, for a folder that holds more than one.
    states
        States in the centre.
    nations
        Nations of the programme, the file's over those that the product knows.
    own_nations
        Codes that stand in the file itself.
    doublings, alerts
        Rules of F5.
    qualifications
        Qualities asked of those who serve a need.
    rules
        Arrangement rules; ``host`` and ``partner`` are always among them.
    posts
        Manual posts as rows, read like those of ``territory.csv``.
    """

    id: str | None
    name: str | None
    host: str | None
    timezone: str | None
    period: Interval | None
    threat: Threat | None
    centre: str
    programme: str
    states: tuple[str, ...]
    nations: Mapping[str, Nation]
    own_nations: tuple[str, ...]
    doublings: tuple[Doubling, ...]
    alerts: tuple[AlertArea, ...]
    qualifications: tuple[Qualification, ...]
    rules: tuple[ArrangementRules, ...]
    posts: tuple[Row, ...]


def read_settings(folder: Path, log: IssueLog) -> Settings:
    """Read ``event.toml`` of a folder; every key is optional, an unknown one is an issue."""
    path = folder / FILE
    data = _parse(path, log) if path.exists() or path.is_symlink() else {}
    for key in sorted(set(data) - _KEYS):
        expected = f"only known keys: {', '.join(sorted(_KEYS))}"
        log.add(FILE, 0, key, "folder.unknown-key", expected, key)
    scalars = {k: v for k, v in data.items() if not isinstance(v, dict) and k in _KEYS}
    top = _row(scalars, log, "", {"doublings", "alerts", "qualifications", "posts"})
    code = top.text("id", "")
    if code and not is_slug(code):
        top.wrong("id", "folder.not-a-slug", "lower-case letters and digits with '-' between")
    zone = top.text("timezone", "")
    if zone and not is_zone(zone):
        top.wrong("timezone", "folder.unknown-zone", "an IANA time zone such as Europe/Paris")
        zone = ""
    nations = _nations(data.get("nations", {}), log)
    return Settings(
        id=code or None,
        name=top.text("name", "") or None,
        host=top.code("host", "") or None,
        timezone=zone or None,
        period=_period(top),
        threat=top.choice("threat", Threat, Threat.STANDARD) if top.has("threat") else None,
        centre=top.code("centre", ""),
        programme=_programme(top),
        states=top.items("states"),
        nations={**known_nations(), **nations},
        own_nations=tuple(nations),
        doublings=tuple(_doubling(row) for row in _rows(data, "doublings", _DOUBLING, log)),
        alerts=tuple(_alert(row) for row in _rows(data, "alerts", _ALERT, log)),
        qualifications=tuple(
            _qualification(row) for row in _rows(data, "qualifications", _QUALIFICATION, log)
        ),
        rules=_rules(data.get("rules", {}), log),
        posts=tuple(_rows(data, "posts", None, log)),
    )


_DOUBLING: Final = frozenset({"capability", "sites", "nation", "baseline", "factor"})
_ALERT: Final = frozenset({"site", "per_day"})
_QUALIFICATION: Final = frozenset({"capability", "kind", "key", "sites", "share"})
_NATION: Final = frozenset({"state", "name", "languages", "travelling"})


def _parse(path: Path, log: IssueLog) -> dict[str, Any]:  # Any: TOML holds anything
    text = read_text(path, log)
    if text is None:
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        log.add(FILE, 0, "", "folder.not-toml", "a TOML file", error)
        return {}


def _word(value: object) -> str:
    """Write a TOML value as a cell would hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(_word(item) for item in value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


def _row(table: Mapping[str, object], log: IssueLog, path: str, left_out: set[str]) -> Row:
    cells = {key: _word(value) for key, value in table.items() if key not in left_out}
    return Row(FILE, 0, cells, log, path)


def _rows(
    data: Mapping[str, object], key: str, known: frozenset[str] | None, log: IssueLog
) -> list[Row]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        log.add(FILE, 0, key, "folder.not-tables", f"tables [[{key}]]", tables)
        return []
    found = []
    for number, table in enumerate(tables, start=1):
        row = _row(table, log, f"{key}[{number}].", set())
        for name in sorted(set(table) - known if known else set()):
            row.wrong(name, "folder.unknown-key", f"one of {', '.join(sorted(known or ()))}")
        found.append(row)
    return found


def _programme(top: Row) -> str:
    """Return the file of the sessions: a name in the same folder, never a path."""
    name = top.text("programme", "") or PROGRAMME
    if not is_code(name) or not name.endswith(".csv"):
        top.wrong("programme", "folder.not-a-file-name", "a CSV file in the same folder")
        return PROGRAMME
    return name


def _period(top: Row) -> Interval | None:
    if not top.has("from") and not top.has("to"):
        return None
    start, end = top.instant("from"), top.instant("to")
    if start is None or end is None:
        return None
    if start >= end:
        top.wrong("to", "folder.reversed", "an end after the start")
        return None
    return Interval(start, end)


def _nations(tables: object, log: IssueLog) -> dict[str, Nation]:
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        log.add(FILE, 0, "nations", "folder.not-tables", "tables [nations.CODE]", tables)
        return {}
    found = {}
    for code, table in tables.items():
        row = _row(table, log, f"nations.{code}.", set())
        for name in sorted(set(table) - _NATION):
            row.wrong(name, "folder.unknown-key", f"one of {', '.join(sorted(_NATION))}")
        known = known_nations().get(code)
        found[code] = Nation(
            code=code,
            state=row.code("state", known.state if known else None),
            name=row.text("name", known.name if known else code),
            languages=row.items("languages") or (known.languages if known else ()),
            travelling=row.whole("travelling", 0, most=2_000_000),
        )
    return found


def _doubling(row: Row) -> Doubling:
    return Doubling(
        capability=_capability(row),
        site_ids=row.items("sites"),
        nation=row.code("nation", ""),
        baseline=row.whole("baseline"),
        factor=row.whole("factor", 2, least=1, most=10),
    )


def _qualification(row: Row) -> Qualification:
    code = _capability(row)
    try:
        return Qualification(
            capability=code,
            kind=row.text("kind"),
            key=row.text("key", ""),
            site_ids=row.items("sites"),
            share=row.number("share", 1.0, most=1),
        )
    except ValueError as error:
        row.wrong("kind", "folder.wrong-qualification", str(error).removeprefix("Expected "))
        return Qualification(code, "weapon", "", row.items("sites"))  # holds the place only


def _capability(row: Row) -> str:
    code = row.code("capability")
    if code and code not in catalogue():
        row.wrong("capability", "folder.unknown-capability", f"one of {', '.join(catalogue())}")
    return code


def _alert(row: Row) -> AlertArea:
    return AlertArea(row.code("site"), row.number("per_day", most=10_000))


def _rules(tables: object, log: IssueLog) -> tuple[ArrangementRules, ...]:
    found = {
        HOST_RULES: ArrangementRules(id=HOST_RULES),
        PARTNER_RULES: ArrangementRules(
            id=PARTNER_RULES, needs_escort=True, has_powers=False, may_carry_weapon=False
        ),
    }
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        log.add(FILE, 0, "rules", "folder.not-tables", "tables [rules.ID]", tables)
        return tuple(found.values())
    for name, table in tables.items():
        try:
            found[name] = _rule(name, table)
        except (TypeError, ValueError) as error:
            log.add(
                FILE, 0, f"rules.{name}", "folder.wrong-rule", str(error).removeprefix("Expected ")
            )
    return tuple(found.values())


def _rule(name: str, table: Mapping[str, object]) -> ArrangementRules:
    known = {field.name for field in fields(ArrangementRules)} - {"id"}
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"only known rules, not {', '.join(unknown)}; known: {sorted(known)}")
    values: dict[str, Any] = {}  # Any: checked below by the hints of the class
    for key, value in table.items():
        if key == "hour_windows":
            values[key] = _windows(value)
        elif _RULE_HINTS[key] is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{key} true or false, got {value!r}")
            values[key] = value
        elif isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{key} a whole number, got {value!r}")
        else:
            values[key] = value
    return ArrangementRules(id=name, **values)


def _windows(value: object) -> tuple[HourWindow, ...]:
    if not isinstance(value, list):
        raise ValueError(f"hour_windows a list of [days, minutes], got {value!r}")  # noqa: TRY004
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
    if len(pairs) != len(value) or not all(isinstance(n, int) for pair in pairs for n in pair):
        raise ValueError(f"hour_windows a list of [days, minutes], got {value!r}")
    return tuple(sorted(HourWindow(days, minutes) for days, minutes in pairs))
