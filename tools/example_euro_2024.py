"""Build ``examples/euro-2024`` from the public facts in the folder of shared data.

    python tools/example_euro_2024.py ../shared/data [FOLDER]

The example is committed; this script keeps it reproducible. Facts (times, places, seats, bracket,
ratings) carry over with their sources; every other figure is ours and marked estimated.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from example_forces import FORCE_HEADER, POLICE
from example_paris_2024 import SESSION_HEADER, TERRITORY_HEADER, VENUE_HEADER
from example_partners import CONTINGENT_HEADER, LANGUAGES
from example_tables import EXAMPLES, crews_wanted, read, title, write

from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.need import Need, assess
from passerelle.planning.programme.nations import known_nations

TARGET: Final = EXAMPLES / "euro-2024"
SOURCE: Final = "order of size: 22,000 federal police a day were reported; split assumed"
RISKS: Final = {
    frozenset({"SRB", "ENG"}): 4,
    frozenset({"TUR", "GEO"}): 3,
    frozenset({"TUR", "POR"}): 3,
    frozenset({"TUR", "CZE"}): 3,
    frozenset({"CRO", "ALB"}): 3,
    frozenset({"NED", "TUR"}): 4,
    frozenset({"AUT", "TUR"}): 4,
}
PLACES: Final = (
    # kind, letter, shift in degrees, officers by day, evening, night
    ("district", "D", 0.0, 260, 300, 130),
    ("station", "G", 0.004, 120, 150, 60),
    ("fan-zone", "F", 0.008, 110, 240, 40),
    ("hotel", "H", 0.012, 30, 30, 24),
)
SETTINGS: Final = """\
# EURO 2024, Germany, 14 June to 14 July 2024. Facts and sources: SOURCES.md beside this file.
id = "euro-2024"
name = "EURO 2024"
host = "DE"
timezone = "Europe/Berlin"
from = "2024-06-13T00:00:00+02:00"
to = "2024-07-16T00:00:00+02:00"
threat = "heightened"
centre = "X-IPC"

# How many supporters follow a team to one match is assumed; others stand on the default share.
[nations.SCO]
travelling = 20000

[nations.TUR]
travelling = 25000

[nations.ENG]
travelling = 18000

[nations.NED]
travelling = 18000

[nations.CRO]
travelling = 15000

[nations.ALB]
travelling = 20000

[rules.host]
max_duty_days_in_row = 6

[rules.delegation]
needs_escort = false
has_powers = false
may_carry_weapon = false

[rules.centre]
needs_escort = false
has_powers = false
may_carry_weapon = false
"""


def venues(facts: Path) -> list[dict[str, Any]]:
    """Word the ten stadiums in our columns."""
    return [
        {name: fact.get(name, "") for name in VENUE_HEADER} | {"kind": "stadium"}
        for fact in read(facts / "venues.csv")
    ]


def sessions(facts: Path) -> list[dict[str, Any]]:
    """Word the matches in our columns."""
    rows = []
    for fact in read(facts / "sessions.csv"):
        row = {key: fact.get(key, "") for key in SESSION_HEADER}
        risk = RISKS.get(frozenset(fact["teams"].split("-")), "")
        note = "risk class assumed" if risk else ""
        rows.append(row | {"title": title(fact), "risk": risk, "note": note})
    return rows


def territory(facts: Path) -> list[dict[str, Any]]:
    """List posts around the ten towns, the airports and the cooperation centre."""
    rows = []
    for venue in read(facts / "venues.csv"):
        for kind, letter, shift, *strength in PLACES:
            site = {"site_id": f"{letter}-{venue['venue_id']}", "kind": kind, "city": venue["city"]}
            site |= {"name": f"{venue['city']} {kind}", "lat": float(venue["lat"]) - shift}
            site |= {"lon": float(venue["lon"]) + shift}
            bands = (("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"))
            for number, ((start, end), officers) in enumerate(zip(bands, strength, strict=True), 1):
                rows.append(
                    _post(f"{site['site_id']}-{number}", site, "patrol", officers, start, end)
                )
        if venue["venue_id"] in {"BER", "MUN", "FRA", "DUS", "HAM"}:
            site = {"site_id": f"A-{venue['venue_id']}", "kind": "airport", "city": venue["city"]}
            site |= {"name": f"{venue['city']} airport", "lat": venue["lat"], "lon": venue["lon"]}
            rows.append(_post(f"{site['site_id']}-1", site, "border", 90, "05:00", "23:00"))
    centre = {"site_id": "X-IPC", "name": "Police cooperation centre", "kind": "centre"}
    centre |= {"city": "Neuss", "lat": 51.20, "lon": 6.69}
    rows.append(_post("X-IPC-1", centre, "analyst", 10, "00:00", "24:00"))
    return rows


def _post(  # noqa: PLR0917 - the order of the columns
    code: str, site: dict[str, Any], capability: str, officers: int, start: str, end: str
) -> dict[str, Any]:
    return site | {
        "post_id": code,
        "capability": capability,
        "from_date": "2024-06-13" if start > end else "2024-06-14",
        "to_date": "2024-07-14",
        "from_time": start,
        "to_time": end,
        "officers": officers,
        "minimum_share": 0.7,
        "source": SOURCE,
        "estimated": "true",
    }


def forces(facts: Path, need: Need) -> list[dict[str, Any]]:
    """Size one force a town to the need of its stadium and places."""
    rows = []
    for venue in read(facts / "venues.csv"):
        code = venue["venue_id"]
        served = {s for s in need.site_ids if s == code or s.endswith(f"-{code}")}
        if code == "DUS":
            served.add("X-IPC")
        for main, also, people, animals, duty_h, slack, cost, label in POLICE:
            crews = crews_wanted(need, served, main, duty_h=duty_h, slack=slack)
            if crews:
                private = main in {"screening", "steward"}
                rows.append(
                    {
                        "group_id": f"DE-{code}-{main.replace('_', '')[:8].upper()}",
                        "name": f"{label} {venue['city']}",
                        "capabilities": ";".join(filter(None, (main, also))),
                        "crew_people": people,
                        "crew_animals": animals,
                        "crews": crews,
                        "base_id": f"DE-{code}",
                        "base_name": venue["city"],
                        "base_lat": venue["lat"],
                        "base_lon": venue["lon"],
                        "languages": "de;en",
                        "rules": "host",
                        "cost_eur_day": cost,
                        "sites": ";".join(sorted(served)),
                        "armed": "false" if private else "true",
                        "source": "assumed" if private else SOURCE,
                        "estimated": "true",
                    }
                )
    return rows


def contingents(facts: Path) -> list[dict[str, Any]]:
    """List a delegation for each team and match, and liaison officers for each state."""
    venues_by_id = {row["venue_id"]: row for row in read(facts / "venues.csv")}
    rows, states = [], set()
    for match in read(facts / "matches.csv"):
        venue = venues_by_id[match["venue_id"]]
        day = datetime.fromisoformat(match["kickoff"]).replace(hour=0, minute=0)
        for team in (match["team1"], match["team2"]):
            state = known_nations()[team].state
            if state == "DE":
                continue
            states.add(state)
            group = {
                "group_id": f"{team}-DEL-{match['match_id']}",
                "name": f"{team} football delegation",
                "capabilities": "spotter;contact_officer;joint_patrol;delegation_head;"
                "delegation_coordinator;liaison",
                "crew_people": 2,
                "crew_animals": 0,
                "crews": 7,
                "base_id": f"T-{match['venue_id']}",
                "base_name": f"Team lodging {venue['city']}",
                "base_lat": venue["lat"],
                "base_lon": venue["lon"],
                "from": day.isoformat(),
                "to": (day + timedelta(hours=30)).isoformat(),
                "rules": "delegation",
                "cost_eur_day": 560,
                "sites": match["venue_id"],
                "nations": team,
                "note": "the same people as at the other matches of the team",
                "source": "about 350 foreign officers in the field were reported; 14 a team assumed",
            }
            rows.append(_partner(state, group))
    for state in sorted(states):
        group = {
            "group_id": f"{state}-LIAISON",
            "name": f"{state} liaison",
            "capabilities": "liaison;analyst",
            "crew_people": 1,
            "crew_animals": 0,
            "crews": 9,
            "base_id": "L-NEUSS",
            "base_name": "Lodging Neuss",
            "base_lat": 51.20,
            "base_lon": 6.69,
            "rules": "centre",
            "cost_eur_day": 300,
            "source": "about 230 foreign officers in the centre were reported; equal split assumed",
        }
        rows.append(_partner(state, group))
    return rows


def _partner(state: str, group: dict[str, Any]) -> dict[str, Any]:
    nation = next(n for n in known_nations().values() if n.state == state)
    spoken = LANGUAGES.get(state) or ";".join((*nation.languages, "en"))
    common = {"contingent_id": state, "state": state, "contingent": f"{state} contingent"}
    common |= {"stage": "accepted", "languages": spoken, "armed": "false", "estimated": "true"}
    return common | group


def main() -> int:
    """Write the example; return 0."""
    facts = Path(sys.argv[1]) / "euro-2024"
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.csv"):
        old.unlink()
    write(target / "venues.csv", VENUE_HEADER, venues(facts))
    write(target / "sessions.csv", SESSION_HEADER, sessions(facts))
    write(target / "territory.csv", TERRITORY_HEADER, territory(facts))
    (target / "event.toml").write_text(SETTINGS, encoding="utf-8")
    write(target / "contingents.csv", CONTINGENT_HEADER, contingents(facts))
    matches = read(facts / "matches.csv")
    header = ("match_id", "session_id", "stage", "group", "slot1", "slot2", "team1", "team2")
    open_ = [
        {name: "" if name.startswith("team") and m["slot1"] else m[name] for name in header}
        for m in matches
    ]
    write(target / "bracket.csv", header, open_)
    teams = {team for m in matches for team in (m["team1"], m["team2"])}
    elo = read(Path(sys.argv[1]) / "ratings/elo_national_teams.csv")
    ratings = [
        {"team": r["fifa_code"], "rating": r["elo"], "as_of": r["as_of"]}
        for r in elo
        if r["as_of"] == "2024-06-13" and r["fifa_code"] in teams
    ]
    write(target / "ratings.csv", ("team", "rating", "as_of"), ratings)
    need = assess(load_event(target).event)
    write(target / "forces.csv", FORCE_HEADER, forces(facts, need))
    force = load_event(target).force
    host = sum(group.people for group in force.groups if group.is_host)
    print(f"{len(need)} figures, {host} host people, {len(force.groups)} groups")
    return 0


if __name__ == "__main__":
    sys.exit(main())
