"""Write an event folder, such that reading it gives the same event and force.

What stands on a stated default is left empty, so that it stays a default and stays asked for.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from datetime import UTC
from typing import TYPE_CHECKING

from passerelle.kernel.times import format_instant
from passerelle.planning.force import ArrangementRules
from passerelle.planning.formats.event_folder.forces import CONTINGENT_COLUMNS, FORCE_COLUMNS
from passerelle.planning.formats.event_folder.sessions import SESSION_COLUMNS
from passerelle.planning.formats.event_folder.settings import HOST_RULES
from passerelle.planning.formats.event_folder.territory import TERRITORY_COLUMNS
from passerelle.planning.formats.event_folder.venues import VENUE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.planning.force import Contingent, CrewGroup, Force
    from passerelle.planning.programme import Event, ManualPost, Session, Site, Venue

__all__ = ["contingents_csv", "rules_toml", "write_event"]

_WRITTEN = {"start_utc", "end_utc", "gold_events", "units", "estimated"}


def write_event(folder: Path, event: Event, force: Force | None = None) -> None:
    """Write all files of an event folder; the folder is made when it is not there.

    Parameters
    ----------
    folder
        Where; files of the same names are replaced.
    event
        The event.
    force
        Forces and contingents; their files are left out when there are none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "event.toml": _settings(event, force),
        "venues.csv": _table(VENUE_COLUMNS, map(_venue, event.venues)),
        "sessions.csv": _table(SESSION_COLUMNS, map(_session, event.sessions)),
    }
    if event.posts:
        rows = _posts(event)
        texts["territory.csv"] = _table(TERRITORY_COLUMNS, rows)
    if force is not None:
        hosts = [_group(group) for group in force.groups if group.is_host]
        if hosts:
            texts["forces.csv"] = _table(FORCE_COLUMNS, hosts)
        if force.contingents:
            texts["contingents.csv"] = _table(CONTINGENT_COLUMNS, _contingents(force))
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def contingents_csv(force: Force) -> str:
    """Write ``contingents.csv`` of a force; its groups of the host are left out."""
    return _table(CONTINGENT_COLUMNS, _contingents(force))


def rules_toml(rules: ArrangementRules) -> str:
    """Write one arrangement as a table of ``event.toml``; what is a default is left out."""
    return "\n".join([f"[rules.{json.dumps(rules.id)}]", *_rules(rules)]) + "\n"


def _table(
    columns: tuple[tuple[str, ...], tuple[str, ...]], rows: Iterable[Mapping[str, object]]
) -> str:
    """Write rows as CSV, with the required columns and those optional ones that hold anything."""
    written = [{key: _cell(value) for key, value in row.items()} for row in rows]
    used = {key for row in written for key, value in row.items() if value}
    header = [*columns[0], *(name for name in columns[1] if name in used)]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(written)
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _venue(venue: Venue) -> dict[str, object]:
    row: dict[str, object] = {
        "venue_id": venue.id,
        "name": venue.name,
        "name_local": venue.name_local,
        "kind": venue.kind.value,
        "city": venue.city,
        "lat": venue.lat,
        "lon": venue.lon,
        "capacity": venue.capacity,
        "capacity_estimated": "capacity" in venue.assumed,
        "capacity_source": venue.source,
        "country": venue.country,
        "admin1": venue.admin1,
        "timezone": venue.timezone,
        "cluster": venue.cluster,
        "sports": ";".join(venue.sports),
        "route_km": venue.route_km,
        "rooms_m2": venue.rooms_m2,
        "open_m2": venue.open_m2,
        "vehicles": venue.vehicles,
        "vessels": venue.vessels,
        "bags": venue.bags.value,
        "static_posts": venue.static_posts,
    }
    return row | dict.fromkeys(venue.assumed - {"capacity"})


def _session(session: Session) -> dict[str, object]:
    row: dict[str, object] = {
        "session_id": session.id,
        "venue_id": session.venue_id,
        "start": format_instant(session.interval.start),
        "end": format_instant(session.interval.end),
        "sport": session.sport,
        "phase": session.stage,
        "title": session.title,
        "teams": ";".join(session.teams),
        "medal": session.medal,
        "locations": session.part,
        "estimated": "times" in session.assumed,
        "note": session.note,
        "attendance": session.attendance,
        "risk": session.risk,
        "vip": session.vip,
        "heads_of_state": session.heads_of_state,
        "threat": session.threat.word,
        "search": session.search_level.word,
        "supporters": ";".join(
            f"{crowd.nation}:{crowd.count}"
            + ("" if crowd.risk_count is None else f"/{crowd.risk_count}")
            for crowd in session.supporters
        ),
    }
    return row | dict.fromkeys(session.assumed - {"times"})


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _posts(event: Event) -> Iterator[dict[str, object]]:
    sites = {site.id: site for site in event.territory}
    for post in event.posts:
        yield _post(post, sites.get(post.site_id))


def _post(post: ManualPost, site: Site | None) -> dict[str, object]:
    described: dict[str, object] = {}
    if site is not None:
        described = {
            "name": site.name,
            "name_local": site.name_local,
            "kind": site.kind.value,
            "city": site.city,
            "lat": site.lat,
            "lon": site.lon,
            "timezone": site.timezone,
            "cluster": site.cluster,
        }
    return described | {
        "post_id": post.id,
        "site_id": post.site_id,
        "capability": post.capability,
        "from_date": post.first_day,
        "to_date": post.last_day,
        "from_time": _clock(post.from_min),
        "to_time": _clock(post.to_min),
        "officers": post.officers,
        "minimum_share": post.minimum_share,
        "weight": post.weight,
        "source": post.source,
        "estimated": post.is_assumed,
    }


def _group(group: CrewGroup) -> dict[str, object]:
    return {
        "group_id": group.id,
        "name": group.name,
        "capabilities": ";".join(group.capabilities),
        "crew_people": group.crew_people,
        "crew_animals": group.crew_animals,
        "crews": group.crews,
        "base_id": group.base.id,
        "base_name": group.base.name,
        "base_lat": group.base.lat,
        "base_lon": group.base.lon,
        "base_beds": group.base.beds,
        "from": group.available.start.astimezone(UTC).isoformat(),
        "to": group.available.end.astimezone(UTC).isoformat(),
        "languages": ";".join(group.languages),
        "certificates": ";".join(
            c.code + (f"@{c.expires}" if c.expires else "") for c in group.certificates
        ),
        "rules": group.rules_id.removeprefix(f"{HOST_RULES}+"),
        "cost_eur_day": group.cost_eur_day,
        "sites": ";".join(group.allowed_site_ids),
        "nations": ";".join(group.supports_nations),
        "armed": group.is_armed,
        "rest_debt_min": group.rest_debt_min,
        "source": group.source,
        "estimated": group.is_assumed,
    }


def _contingents(force: Force) -> Iterator[dict[str, object]]:
    groups = {group.id: group for group in force.groups}
    for contingent in force.contingents:
        for position, name in enumerate(contingent.group_ids):
            yield _group(groups[name]) | _contingent(contingent, is_first=position == 0)


def _contingent(contingent: Contingent, *, is_first: bool) -> dict[str, object]:
    caps = ";".join(f"{site}:{most}" for site, most in contingent.max_sites)
    return {
        "contingent_id": contingent.id,
        "state": contingent.state,
        "contingent": contingent.name,
        "stage": contingent.stage.value,
        "caps": caps if is_first else "",
    }


def _settings(event: Event, force: Force | None) -> str:
    """Write ``event.toml``; what was assumed is left out."""
    assumed = {item.field for item in event.assumptions}
    pairs: list[tuple[str, object]] = [
        ("id", event.id),
        ("name", event.name),
        ("host", event.host),
        ("timezone", event.timezone),
        ("threat", event.threat.word),
    ]
    lines = [_pair(key, value) for key, value in pairs if f"event.{key}" not in assumed]
    if "event.from, event.to" not in assumed:
        lines.append(_pair("from", format_instant(event.period.start)))
        lines.append(_pair("to", format_instant(event.period.end)))
    if event.centre_site_id:
        lines.append(_pair("centre", event.centre_site_id))
    lines.append(_pair("states", event.states))
    for nation in event.nations:
        lines += ["", f"[nations.{json.dumps(nation.code)}]", *_pairs(nation, {"code"})]
    for rule in event.doublings:
        lines += ["", "[[doublings]]", *_pairs(rule, {"site_ids"}), _pair("sites", rule.site_ids)]
    for area in event.alert_areas:
        lines += ["", "[[alerts]]", _pair("site", area.site_id)]
        lines.append(_pair("per_day", area.alerts_per_day))
    for asked in event.qualifications:
        lines += ["", "[[qualifications]]", *_pairs(asked, {"site_ids"})]
        lines.append(_pair("sites", asked.site_ids))
    for rules in force.rules if force else ():
        if "+" not in rules.id:
            lines += ["", f"[rules.{json.dumps(rules.id)}]", *_rules(rules)]
    return "\n".join(lines) + "\n"


def _rules(rules: ArrangementRules) -> Iterator[str]:
    for field in fields(ArrangementRules):
        value = getattr(rules, field.name)
        if field.name == "hour_windows":
            value = [[window.days, window.max_work_min] for window in value]
        if field.name != "id" and value is not None and value != field.default:
            yield _pair(field.name, value)


def _pairs(value: object, left_out: set[str]) -> list[str]:
    names = [f.name for f in fields(value) if f.name not in left_out]  # type: ignore[arg-type]
    return [_pair(name, getattr(value, name)) for name in names]


def _pair(key: str, value: object) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
