"""Forces of the host for the Paris 2024 example, sized to the need of each region."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from example_places import CITIES, PLACES
from example_tables import crews_wanted

if TYPE_CHECKING:
    from passerelle.planning.need import Need

__all__ = ["FORCE_HEADER", "ORDER", "POLICE", "forces"]

FORCE_HEADER: Final = (
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
    "languages",
    "certificates",
    "rules",
    "cost_eur_day",
    "sites",
    "armed",
    "source",
    "estimated",
)
ORDER: Final = "order of size: 30,000 police a day, 45,000 on 26 July 2024; split assumed"

REGION_OF_VENUE: Final = {
    "MRS": "MRS",
    "MAM": "MRS",
    "LYO": "LYO",
    "STE": "STE",
    "NIC": "NIC",
    "BOR": "BOR",
    "NAN": "NAN",
    "LIL": "LIL",
    "CTX": "CTX",
    "TAH": "TAH",
}
POLICE: Final = (
    # capability, other capabilities, people, animals, duty hours, slack, euros a duty day, label
    ("patrol", "", 2, 0, 9.5, 1.08, 640, "District police"),
    ("escort", "patrol", 2, 0, 9.0, 1.3, 680, "Escorts of foreign crews"),
    ("public_order", "", 22, 0, 10.0, 1.55, 7400, "Public-order sections"),
    ("eod", "", 2, 0, 9.0, 0.93, 900, "Bomb disposal"),
    ("k9_explosives", "", 1, 1, 8.0, 0.80, 420, "Explosives dogs"),
    ("search", "", 7, 0, 8.0, 1.6, 2200, "Search teams"),
    ("counter_drone", "", 4, 0, 10.0, 0.95, 1500, "Counter-drone"),
    ("close_protection", "", 12, 0, 9.0, 1.0, 4300, "Close protection"),
    ("motorcycle", "", 2, 0, 9.0, 1.02, 700, "Motorcycle police"),
    ("river", "", 2, 0, 9.0, 1.1, 760, "River brigade"),
    ("mounted", "", 2, 2, 8.0, 0.75, 800, "Mounted police"),
    ("border", "document_fraud", 1, 0, 9.0, 1.0, 320, "Border police"),
    ("document_fraud", "border", 1, 0, 9.0, 1.0, 330, "Document fraud"),
    ("host_guide", "", 1, 0, 9.0, 1.1, 320, "Host guides"),
    ("analyst", "", 1, 0, 9.0, 0.95, 330, "Analysts"),
    ("cyber", "", 1, 0, 9.0, 1.2, 380, "Cyber cell"),
    ("screening", "", 4, 0, 8.0, 1.1, 720, "Private screening teams"),
    ("steward", "", 1, 0, 8.0, 1.1, 160, "Stewards"),
)
REGIONAL_SLACK: Final = {
    # dogs of partners are lodged in Paris: other towns have enough of their own
    **{(region, "k9_explosives"): 1.05 for region in CITIES if region != "IDF"},
    # where Morocco's bomb technicians help; Saint-Étienne has half of its doubled capacity
    **{(region, "eod"): 0.7 for region in ("BOR", "LYO", "NIC", "LIL")},
    ("STE", "eod"): 0.5,
}
CERTIFICATES: Final = {"eod": "eod-2", "k9_explosives": "dog-explosives", "search": "search-1"}


def forces(need: Need, foreign_field: int) -> list[dict[str, Any]]:
    """Size the host's groups to the need of each region; dogs, disposal and horses stay short."""
    sites: dict[str, set[str]] = defaultdict(set)
    for site in need.site_ids:
        region = REGION_OF_VENUE.get(site) or _region_of_place(site)
        sites[region].add(site)
    rows = []
    for region, served in sites.items():
        for main, also, people, animals, duty_h, slack, cost, label in POLICE:
            slack_here = REGIONAL_SLACK.get((region, main), slack)
            crews = crews_wanted(need, served, main, duty_h=duty_h, slack=slack_here)
            if main == "escort" and region == "IDF":
                crews += foreign_field
            for part, count in enumerate(_parts(crews, 1500), start=1):
                city, lat, lon = CITIES[region]
                private = main in {"screening", "steward"}
                rows.append(
                    {
                        "group_id": f"FR-{region}-{main.replace('_', '')[:8].upper()}-{part}",
                        "name": f"{label} {city}",
                        "capabilities": ";".join(filter(None, (main, also))),
                        "crew_people": people,
                        "crew_animals": animals,
                        "crews": count,
                        "base_id": f"FR-{region}",
                        "base_name": city,
                        "base_lat": lat,
                        "base_lon": lon,
                        "languages": "fr;en" if main in {"escort", "host_guide"} else "fr",
                        "certificates": CERTIFICATES.get(main, ""),
                        "rules": "host",
                        "cost_eur_day": cost,
                        "sites": ";".join(sorted(served)) if region != "IDF" else "",
                        "armed": "false" if private else "true",
                        "source": "17,000 to 22,000 guards a day reported" if private else ORDER,
                        "estimated": "true",
                    }
                )
    return rows


def _region_of_place(site: str) -> str:
    for row in PLACES:
        if row[0] == site:
            return row[6]
    return site.removeprefix("R-") if site.startswith("R-") else "IDF"


def _parts(total: int, most: int) -> list[int]:
    """Cut a strength into groups of at most ``most`` crews."""
    if total <= 0:
        return []
    pieces = -(-total // most)
    return [total // pieces + (i < total % pieces) for i in range(pieces)]
