"""Build ``examples/paris-2024`` from the public facts in the folder of shared data.

    python tools/example_paris_2024.py ../shared/data/paris-2024 [FOLDER]

The example is committed; this script keeps it reproducible. Facts (times, places, seats, reported
contingents) carry over with their sources; every other figure is ours and marked estimated.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from example_forces import FORCE_HEADER, ORDER, forces
from example_partners import CONTINGENT_HEADER, partner_groups
from example_places import AIRPORTS, BANDS, CITIES, PLACES, VISITED
from example_tables import EXAMPLES, read, title, write

from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.need import assess

TARGET: Final = EXAMPLES / "paris-2024"
KINDS: Final = {
    "stadium": "BOR LYO MRS NAN NIC PDP RGA STA STE YDM VE2",
    "arena": "AQC BCY CPL DEF GRP LIL NPA SP1 SP4 SP6 VE1",
    "open": "HDV SEI TRO",
}
ROUTE_KM: Final = {"SEI": 12, "HDV": 60, "TRO": 30, "ALX": 10}
VENUE_HEADER: Final = (
    "venue_id",
    "name",
    "name_local",
    "kind",
    "city",
    "lat",
    "lon",
    "capacity",
    "capacity_estimated",
    "capacity_source",
    "country",
    "admin1",
    "timezone",
    "cluster",
    "sports",
    "route_km",
)
SESSION_HEADER: Final = (
    "session_id",
    "venue_id",
    "start",
    "end",
    "sport",
    "phase",
    "title",
    "teams",
    "medal",
    "locations",
    "estimated",
    "attendance",
    "risk",
    "vip",
    "heads_of_state",
    "threat",
    "supporters",
    "note",
)
TERRITORY_HEADER: Final = (
    "post_id",
    "site_id",
    "name",
    "kind",
    "city",
    "lat",
    "lon",
    "capability",
    "from_date",
    "to_date",
    "from_time",
    "to_time",
    "officers",
    "minimum_share",
    "source",
    "estimated",
)
SETTINGS: Final = """\
# Paris 2024, Olympic Games, 24 July to 11 August 2024. Facts and sources: SOURCES.md beside this file.
id = "paris-2024"
name = "Paris 2024"
host = "FR"
timezone = "Europe/Paris"
from = "2024-07-23T00:00:00+02:00"
to = "2024-08-13T00:00:00+02:00"
# The national level was the highest (urgence attentat) since March 2024. Inside the event, maximum is
# kept for the two ceremonies; the level of the other sessions is our assumption.
threat = "heightened"
centre = "X-CCI"

# Bomb disposal at Saint-Étienne is doubled on days when Morocco plays there, as asked on
# 22 April 2024. The host's own two pairs are assumed.
[[doublings]]
capability = "eod"
sites = ["STE"]
nation = "MAR"
baseline = 2
factor = 2

# A large capital answers about 1.6 suspicious items on an ordinary day (derived).
[[alerts]]
site = "X-EOD"
per_day = 1.6

# Whoever disposes of bombs at Saint-Étienne holds the same certificate, host or partner (assumed).
[[qualifications]]
capability = "eod"
kind = "certificate"
key = "eod-2"
sites = ["STE"]

# How many supporters follow a team to one match is assumed where it is given.
[nations.MAR]
state = "MA"
name = "Morocco"
languages = ["ar", "fr"]
travelling = 15000

[rules.host]
max_duty_days_in_row = 6
max_nights_in_row = 5

# One host pair accompanies up to three crews of specialists; patrols are accompanied one by one.
[rules.partner]
needs_escort = true
crews_per_escort = 3
has_powers = false
may_carry_weapon = false

[rules.partner-armed]
needs_escort = true
has_powers = false
may_carry_weapon = true

[rules.ma]
needs_escort = true
crews_per_escort = 2
has_powers = false
may_carry_weapon = false
max_duty_days_in_row = 5
max_nights_in_row = 3

[rules.gb]
needs_escort = true
has_powers = false
may_carry_weapon = false
max_duty_days_in_row = 5
min_rest_days_in_row = 2
max_shift_min = 600

# Spotters and their leaders are guided by host guides, not escorted.
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
    """Word the venues in our columns."""
    kind_of = {code: kind for kind, codes in KINDS.items() for code in codes.split()}
    rows = []
    for fact in read(facts / "venues.csv"):
        code = fact["venue_id"]
        row = {name: fact.get(name, "") for name in VENUE_HEADER}
        row |= {"kind": kind_of.get(code, "temporary"), "route_km": ROUTE_KM.get(code, "")}
        rows.append(row)
    return rows


def sessions(facts: Path, name: str) -> list[dict[str, Any]]:
    """Word the sessions in our columns, with what is known beyond the programme."""
    rows = []
    for fact in read(facts / name):
        row = {key: fact.get(key, "") for key in SESSION_HEADER}
        row |= {"title": title(fact), "estimated": fact["estimated"], "note": ""}
        row |= _known(fact)
        rows.append(row)
    return rows


def _known(fact: dict[str, str]) -> dict[str, Any]:
    teams = set(fact["teams"].replace(";", "-").split("-"))
    known: dict[str, Any] = {}
    if fact["phase"] == "ceremony":
        opening = fact["venue_id"] == "SEI"
        known = {"vip": 3, "threat": "maximum", "risk": 5, "heads_of_state": 100 if opening else 30}
        if opening:
            known["attendance"] = 300_000
        known["note"] = "heads of State: about a hundred were reported at the opening; 30 assumed"
    elif fact["sport"] == "Football" and teams & {"ISR"}:
        known = {"risk": 4, "note": "risk class assumed: matches of this team were heavily policed"}
    elif fact["sport"] == "Football" and {"FRA", "ARG"} <= teams:
        known = {"risk": 4, "note": "risk class assumed: tension between supporters was reported"}
    elif fact["sport"] == "Football" and "MAR" in teams:
        others = [team for team in sorted(teams - {"MAR", "FRA"}) if team]
        crowd = ["MAR:15000/150", *(f"{team}:3000" for team in others)]
        known = {"risk": 3, "supporters": ";".join(crowd)}
        known["note"] = "supporters and risk class assumed"
    return known


def tournament(facts: Path, target: Path) -> None:
    """Write the men's football tournament as it stood before the Games.

    Senior ratings stand in for the under-23 teams; no ratings of women's teams were found.
    """
    header = ("match_id", "session_id", "stage", "group", "slot1", "slot2", "team1", "team2")
    matches = [
        {name: "" if name.startswith("team") and m["slot1"] else m[name] for name in header}
        for m in read(facts / "football_matches.csv")
        if m["tournament"].startswith("men")
    ]
    write(target / "bracket.csv", header, matches)
    teams = {m[f"team{side}"] for m in matches for side in (1, 2)}
    ratings = [
        {"team": r["fifa_code"], "rating": r["elo"], "as_of": r["as_of"], "source": "senior team"}
        for r in read(facts.parent / "ratings/elo_national_teams.csv")
        if r["as_of"] == "2024-07-23" and r["fifa_code"] in teams
    ]
    write(target / "ratings.csv", ("team", "rating", "as_of", "source"), ratings)


def territory() -> list[dict[str, Any]]:
    """List every post outside the venues."""
    rows = []
    for code, name, kind, city, lat, lon, _, strength in PLACES:
        site = {"site_id": code, "name": name, "kind": kind, "city": city, "lat": lat, "lon": lon}
        for number, ((start, end), officers) in enumerate(zip(BANDS, strength, strict=True), 1):
            rows.append(_post(f"{code}-{number}", site, "patrol", officers, start, end))
        if code in VISITED:
            for number, (start, end) in enumerate(BANDS[:2], 1):
                for what, word in (("joint_patrol", "JP"), ("escort", "ES")):
                    rows.append(_post(f"{code}-{word}{number}", site, what, 20, start, end))
        if kind == "village":
            rows.append(_post(f"{code}-PO", site, "public_order", 44, "00:00", "24:00"))
            rows.append(_post(f"{code}-K9", site, "k9_explosives", 2, "06:00", "22:00"))
    for code, name, lat, lon, region, _, guards in AIRPORTS:
        site = {"site_id": code, "name": name, "kind": "airport", "city": CITIES[region][0]}
        site |= {"lat": lat, "lon": lon}
        rows.append(_post(f"{code}-B1", site, "border", guards, "05:00", "23:00"))
        rows.append(_post(f"{code}-B2", site, "border", max(4, guards // 4), "23:00", "05:00"))
        if code in {"A-CDG", "A-ORY"}:
            rows.append(_post(f"{code}-DF", site, "document_fraud", 6, "06:00", "22:00"))
            rows.append(_post(f"{code}-K9", site, "k9_explosives", 12, "06:00", "22:00"))
    rows += _moving()
    return rows


def _moving() -> list[dict[str, Any]]:
    rows = []
    reserves = [("IDF", 1100), ("MRS", 132), ("LYO", 110), ("NIC", 66), ("BOR", 66)]
    reserves += [("NAN", 66), ("LIL", 88), ("STE", 44)]
    for region, officers in reserves:
        city, lat, lon = CITIES[region]
        site = {"site_id": f"R-{region}", "name": f"Public-order reserve {city}", "kind": "city"}
        site |= {"city": city, "lat": lat, "lon": lon}
        for number, (start, end) in enumerate(BANDS, 1):
            strength = officers if number < 3 else officers // 3
            rows.append(_post(f"R-{region}-{number}", site, "public_order", strength, start, end))
    lanes = [("NRD", 48.93, 2.36), ("OUE", 48.86, 2.23), ("SUD", 48.81, 2.33), ("EST", 48.87, 2.42)]
    lanes += [("CDG", 48.97, 2.45), ("VER", 48.82, 2.15)]
    for code, lat, lon in lanes:
        site = {"site_id": f"L-{code}", "name": f"Olympic lanes {code}", "kind": "route"}
        site |= {"city": "Paris", "lat": lat, "lon": lon}
        rows.append(_post(f"L-{code}-1", site, "motorcycle", 100, "05:00", "24:00"))
    seine = {"site_id": "L-SEI", "name": "The Seine in Paris", "kind": "route", "city": "Paris"}
    seine |= {"lat": 48.858, "lon": 2.33}
    rows.append(_post("L-SEI-1", seine, "river", 40, "00:00", "24:00"))
    horses = {"site_id": "L-PRK", "name": "Parks and banks", "kind": "route", "city": "Paris"}
    horses |= {"lat": 48.862, "lon": 2.30}
    rows.append(_post("L-PRK-1", horses, "mounted", 24, "09:00", "21:00"))
    quays = {"site_id": "X-SEI", "name": "Around the opening ceremony", "kind": "city"}
    quays |= {"city": "Paris", "lat": 48.86, "lon": 2.32}
    day = {"from_date": "2024-07-26", "to_date": "2024-07-26"}
    source = "about 45,000 police were reported for the opening; what other posts do not hold"
    rows.append(
        _post("X-SEI-1", quays, "patrol", 2400, "12:00", "24:00") | day | {"source": source}
    )
    order = _post("X-SEI-2", quays, "public_order", 880, "12:00", "24:00")
    rows.append(order | day | {"source": source})
    rows.append(_post("X-SEI-3", quays, "river", 60, "12:00", "24:00") | day)
    centre = {"site_id": "X-CCI", "name": "Police cooperation centre", "kind": "centre"}
    centre |= {"city": "Paris", "lat": 48.83, "lon": 2.27}
    rows.append(_post("X-CCI-1", centre, "analyst", 12, "00:00", "24:00"))
    alerts = {"site_id": "X-EOD", "name": "Central laboratory, alerts", "kind": "city"}
    alerts |= {"city": "Paris", "lat": 48.833, "lon": 2.30}
    rows.append(_post("X-EOD-1", alerts, "k9_explosives", 4, "00:00", "24:00"))
    return rows


def _post(  # noqa: PLR0917 - the order of the columns
    code: str, site: dict[str, Any], capability: str, officers: int, start: str, end: str
) -> dict[str, Any]:
    return site | {
        "post_id": code,
        "capability": capability,
        "from_date": "2024-07-24" if start < end else "2024-07-23",
        "to_date": "2024-08-11",
        "from_time": start,
        "to_time": end,
        "officers": officers,
        "minimum_share": 0.7,
        "source": ORDER,
        "estimated": "true",
    }


def main() -> int:
    """Write the example; return 0."""
    facts = Path(sys.argv[1])
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.csv"):
        old.unlink()
    write(target / "venues.csv", VENUE_HEADER, venues(facts))
    write(target / "sessions.csv", SESSION_HEADER, sessions(facts, "sessions.csv"))
    planned = sessions(facts, "sessions_planned.csv")
    write(target / "sessions_planned.csv", SESSION_HEADER, planned)
    write(target / "territory.csv", TERRITORY_HEADER, territory())
    (target / "event.toml").write_text(SETTINGS, encoding="utf-8")
    tournament(facts, target)
    partners = partner_groups(facts)
    write(target / "contingents.csv", CONTINGENT_HEADER, partners)
    need = assess(load_event(target).event)
    field = sum(int(r["crews"]) for r in partners if "patrol" in str(r["capabilities"]))
    write(target / "forces.csv", FORCE_HEADER, forces(need, field // 4))
    loaded = load_event(target)
    host = sum(group.people for group in loaded.force.groups if group.is_host)
    foreign = sum(group.people for group in loaded.force.groups if not group.is_host)
    print(f"{len(need)} figures, {host} host people, {foreign} partner people")
    return 0


if __name__ == "__main__":
    sys.exit(main())
