"""Partner contingents of the Paris 2024 example: reported ones as facts, the remainder assumed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from example_tables import read

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CONTINGENT_HEADER", "partner_groups"]

CONTINGENT_HEADER: Final = (
    "contingent_id",
    "state",
    "contingent",
    "stage",
    "group_id",
    "name",
    "capabilities",
    "crew_people",
    "crew_animals",
    "crews",
    "base_id",
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
    "source",
    "estimated",
    "note",
)

KINDS: Final = {
    # speciality: capabilities, people and animals of a crew, certificate, rules, euros a duty day
    "k9_explosives": ("k9_explosives", 1, 1, "dog-explosives", "partner", 380),
    "patrol": ("joint_patrol;patrol", 2, 0, "", "partner-armed", 560),
    "transport_security": ("joint_patrol;patrol", 2, 0, "", "partner-armed", 560),
    "counter_terror": ("patrol;joint_patrol", 2, 0, "", "partner-armed", 600),
    "k9_protection": ("patrol", 1, 1, "", "partner-armed", 380),
    "border_document": ("document_fraud;border", 1, 0, "", "partner", 300),
    "eod": ("eod", 2, 0, "eod-2", "partner", 820),
    "public_order": ("public_order", 22, 0, "", "partner-armed", 6600),
    "counter_drone": ("counter_drone", 4, 0, "", "partner", 1400),
    "mounted": ("mounted", 2, 2, "", "partner-armed", 780),
    "traffic_motorcycle": ("motorcycle", 2, 0, "", "partner-armed", 640),
    "athlete_liaison": ("contact_officer;joint_patrol", 2, 0, "", "partner", 560),
    "liaison_intel": ("analyst;liaison", 1, 0, "", "centre", 300),
    "consular_liaison": ("liaison", 1, 0, "", "centre", 300),
    "command_liaison": ("liaison", 1, 0, "", "centre", 320),
}
LANGUAGES: Final = {
    "AT": "de;en", "BG": "bg;en", "BR": "pt;en", "CA": "fr;en", "CH": "fr;de", "DE": "de;en",
    "ES": "es;fr", "GB": "en", "IN": "hi;en", "KR": "ko;en", "LU": "fr;de", "MA": "ar;fr",
    "PL": "pl;en", "PT": "pt;fr", "QA": "ar;en", "US": "en", "IT": "it;fr", "IE": "en",
    "NL": "nl;en", "BE": "fr;nl", "RO": "ro;fr", "CZ": "cs;en", "HU": "hu;en", "SK": "sk;en",
    "GR": "el;en", "SE": "sv;en", "DK": "da;en", "FI": "fi;en", "NO": "no;en", "HR": "hr;en",
    "SI": "sl;en", "LT": "lt;en", "LV": "lv;en", "EE": "et;en", "CY": "el;en", "JP": "ja;en",
    "AU": "en", "CL": "es", "AR": "es", "MX": "es", "SN": "fr", "CI": "fr", "UA": "uk;en",
    "EG": "ar;en", "IQ": "ar", "NZ": "en", "IL": "he;en", "CO": "es", "DO": "es", "UZ": "uz;ru",
}  # fmt: skip
REMAINDER: Final = (
    # State and officers by speciality: sent people without a published number, or none known.
    ("IT", (("patrol", 180), ("k9_explosives", 40), ("public_order", 44), ("eod", 8))),
    ("BE", (("patrol", 60), ("k9_explosives", 16))),
    ("NL", (("patrol", 50), ("k9_explosives", 10))),
    ("IE", (("patrol", 10),)),
    ("RO", (("patrol", 90), ("mounted", 4), ("public_order", 22))),
    ("CZ", (("patrol", 30), ("k9_explosives", 8))),
    ("HU", (("patrol", 24), ("k9_explosives", 8))),
    ("SK", (("patrol", 16), ("k9_explosives", 4))),
    ("GR", (("patrol", 30), ("k9_explosives", 4))),
    ("SE", (("patrol", 24), ("k9_explosives", 4))),
    ("DK", (("patrol", 20),)),
    ("FI", (("patrol", 10),)),
    ("NO", (("patrol", 10),)),
    ("HR", (("patrol", 20), ("k9_explosives", 4))),
    ("SI", (("patrol", 10), ("k9_explosives", 2))),
    ("LT", (("patrol", 8), ("k9_explosives", 2))),
    ("LV", (("patrol", 4), ("k9_explosives", 2))),
    ("EE", (("patrol", 4), ("k9_explosives", 2))),
    ("CY", (("patrol", 4),)),
    ("JP", (("patrol", 20),)),
    ("AU", (("patrol", 8),)),
    ("CL", (("patrol", 6),)),
    ("AR", (("patrol", 10),)),
    ("MX", (("patrol", 8),)),
    ("SN", (("patrol", 8),)),
    ("CI", (("patrol", 8),)),
    ("MA", (("patrol", 60),)),
    ("EG", (("patrol", 20),)),
    ("IL", (("liaison_intel", 6),)),
    ("UA", (("eod", 4), ("patrol", 8))),
)
NATIONS: Final = {"MA": "MAR", "AR": "ARG", "EG": "EGY", "ES": "ESP", "US": "USA", "DE": "GER"}
TOWNS: Final = {
    "Paris": ("Paris", 48.84, 2.36),
    "BOR": ("Bordeaux", 44.84, -0.57),
    "LYO": ("Lyon", 45.76, 4.86),
    "NIC": ("Nice", 43.70, 7.25),
    "LIL": ("Lille", 50.63, 3.07),
    "MRS": ("Marseille", 43.29, 5.38),
    "NAN": ("Nantes", 47.22, -1.55),
    "STE": ("Saint-Étienne", 45.44, 4.39),
    "CDG": ("Roissy", 49.00, 2.52),
}
MA_EOD: Final = (("BOR", 1, "BOR"), ("LYO", 2, "LYO;STE"), ("NIC", 1, "NIC"), ("LIL", 1, "LIL"))
REGIONS: Final = ("LYO", "MRS", "NIC", "BOR", "NAN", "LIL", "STE")
SPREAD: Final = {
    # where a contingent was sent by the press, and over which towns we spread it
    "France": REGIONS,
    "Paris, Bordeaux, Marseille, Châteauroux": ("Paris", "BOR", "MRS"),
    "Paris, Bordeaux, Toulouse, Nice": ("Paris", "BOR", "NIC"),
}
FIRST_DAY: Final = "2024-07-23"
LAST_DAY: Final = "2024-08-12"


def partner_groups(facts: Path) -> list[dict[str, Any]]:
    """List all partner groups present during the Games; those of the Paralympics are left out."""
    rows: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for fact in read(facts / "contingents.csv"):
        if fact["from"] > LAST_DAY or fact["to"] < FIRST_DAY:
            continue
        rows += _reported(fact, numbers)
    for state, parts in REMAINDER:
        for speciality, officers in parts:
            if state == "MA" and speciality == "patrol":
                rows += _moroccan_patrols(officers, numbers)
                continue
            source = "assumed: part of about 2,000 officers from 44 states that were reported"
            rows.append(
                _group(state, speciality, officers, numbers)
                | {"from": "2024-07-20", "to": LAST_DAY, "source": source, "estimated": "true"}
                | {"contingent": f"{state} contingent"}
            )
    return rows + _delegations(facts) + _liaison(facts)


def _liaison(facts: Path) -> list[dict[str, Any]]:
    """Seat liaison officers of every state whose team plays in the cooperation centre."""
    states = {row["noc"]: row["iso2"] for row in read(facts / "nocs.csv")}
    pairs = (row["teams"].replace(";", "-").split("-") for row in read(facts / "sessions.csv"))
    found = {states.get(team, "") for teams in pairs for team in teams} - {"", "FR"}
    return [
        {
            "contingent_id": state,
            "state": state,
            "contingent": f"{state} contingent",
            "stage": "accepted",
            "group_id": f"{state}-LO",
            "name": f"{state} liaison officers",
            "capabilities": "liaison",
            "crew_people": 1,
            "crew_animals": 0,
            "crews": 3,
            "base_id": "L-CENTRE",
            "base_name": "Lodging near the centre",
            "base_lat": 48.83,
            "base_lon": 2.28,
            "from": "2024-07-20",
            "to": LAST_DAY,
            "languages": LANGUAGES.get(state, "en"),
            "rules": "centre",
            "cost_eur_day": 320,
            "sites": "X-CCI",
            "armed": "false",
            "source": "200 to 230 liaison officers were reported; three a state assumed",
            "estimated": "true",
        }
        for state in sorted(found)
    ]


def _moroccan_patrols(officers: int, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """Place Morocco's patrols in the towns where its supporters are expected."""
    towns = ("Paris", "STE", "LYO", "NIC", "MRS", "BOR")
    common = {
        "from": "2024-07-20",
        "to": LAST_DAY,
        "source": "assumed: police for joint patrols were asked on 22 April 2024, no number",
        "estimated": "true",
        "contingent": "MA contingent",
    }
    return [
        _group("MA", "patrol", officers // len(towns), numbers, town) | common for town in towns
    ]


def _delegations(facts: Path) -> list[dict[str, Any]]:
    """List the police delegation of each visiting football team, one group a match.

    The same people follow their team; they are listed once for each match day, in the town of the
    match, and are never in two towns at once.
    """
    states = {row["noc"]: row["iso2"] for row in read(facts / "nocs.csv")}
    venues = {row["venue_id"]: row for row in read(facts / "venues.csv")}
    rows = []
    for match in read(facts / "football_matches.csv"):
        start = datetime.fromisoformat(match["kickoff"])
        day = start.replace(hour=0, minute=0)
        venue = venues[match["venue_id"]]
        for team in (match["team1"], match["team2"]):
            state = states[team]
            if state == "FR":
                continue
            rows.append(
                {
                    "contingent_id": state,
                    "state": state,
                    "contingent": f"{state} contingent",
                    "stage": "accepted",
                    "group_id": f"{state}-DEL-{match['session_id']}",
                    "name": f"{state} football delegation",
                    "capabilities": "spotter;contact_officer;delegation_head;"
                    "delegation_coordinator;liaison",
                    "crew_people": 2,
                    "crew_animals": 0,
                    "crews": 10 if team == "MAR" else 8,
                    "base_id": f"T-{match['venue_id']}",
                    "base_name": f"Team lodging {venue['city']}",
                    "base_lat": venue["lat"],
                    "base_lon": venue["lon"],
                    "from": day.isoformat(),
                    "to": (day + timedelta(hours=29)).isoformat(),
                    "languages": LANGUAGES.get(state, "en"),
                    "rules": "delegation",
                    "cost_eur_day": 560,
                    "sites": match["venue_id"],
                    "nations": team,
                    "armed": "false",
                    "source": "size of a delegation assumed; a delegation follows each team",
                    "estimated": "true",
                    "note": "the same people as at the other matches of the team",
                }
            )
    return rows


def _reported(fact: dict[str, str], numbers: dict[str, int]) -> list[dict[str, Any]]:
    state, speciality = fact["country_iso"], fact["speciality"]
    common = {
        "from": fact["from"],
        "to": min(fact["to"], LAST_DAY),
        "source": fact["source"],
        "estimated": fact["estimated"],
        "contingent": f"{state} contingent",
        "note": fact["force"],
    }
    if state == "MA" and speciality == "eod":
        return [
            _group(state, speciality, pairs * 2, numbers, town)
            | common
            | {"sites": sites, "note": "split over the four towns assumed; Lyon also serves STE"}
            for town, pairs, sites in MA_EOD
        ]
    towns = SPREAD.get(fact["location"], ("CDG" if "Roissy" in fact["location"] else "Paris",))
    whole = _group(state, speciality, int(fact["officers"]), dict(numbers))
    people, crews = int(whole["crew_people"]), int(whole["crews"])
    rows = []
    for number, town in enumerate(towns):
        share = crews // len(towns) + (number < crews % len(towns))
        if share:
            note = (
                f"{fact['force']}; spread over towns assumed" if len(towns) > 1 else fact["force"]
            )
            group = _group(state, speciality, share * people, numbers, town)
            rows.append(group | common | {"crew_people": people, "crews": share, "note": note})
    return rows


def _group(
    state: str, speciality: str, officers: int, numbers: dict[str, int], town: str = "Paris"
) -> dict[str, Any]:
    capabilities, people, animals, certificate, rules, cost = KINDS[speciality]
    if officers < people:
        people = officers
    elif speciality == "public_order":
        people = officers // max(1, officers // people)
    numbers[state] = numbers.get(state, 0) + 1
    own = {"MA": "ma", "GB": "gb"}.get(state, rules) if rules != "centre" else rules
    city, lat, lon = TOWNS[town]
    return {
        "contingent_id": state,
        "state": state,
        "stage": "accepted",
        "group_id": f"{state}-{speciality.replace('_', '')[:8].upper()}-{numbers[state]}",
        "name": f"{state} {speciality.replace('_', ' ')}",
        "capabilities": capabilities,
        "crew_people": people,
        "crew_animals": animals,
        "crews": officers // people,
        "base_id": f"L-{town.upper()}-{state}",
        "base_name": f"Lodging {city} {state}",
        "base_lat": lat,
        "base_lon": lon,
        "languages": LANGUAGES.get(state, "en"),
        "certificates": certificate,
        "rules": own,
        "cost_eur_day": cost,
        "nations": NATIONS.get(state, ""),
        "armed": "true" if own.endswith("armed") else "false",
    }
