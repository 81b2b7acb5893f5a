"""Places outside the venues for the Paris 2024 example: positions from general knowledge.

Officers are our assumptions, split so that the whole comes to the order of size that was published:
about 30,000 police a day, 45,000 on the day of the opening. Each row: code, name, kind, town,
latitude, longitude, region, and officers by day, evening and night (07-15, 15-23, 23-07).
"""

from __future__ import annotations

from typing import Final

__all__ = ["AIRPORTS", "BANDS", "CITIES", "PLACES", "VISITED"]

BANDS: Final = (("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"))

SCALE: Final = 0.92
"""Brings the sum of all posts to 30,000 officers a day even when each works twelve hours."""

VISITED: Final = [
    "D-P01",
    "D-P04",
    "D-P05",
    "D-P06",
    "D-P07",
    "D-P08",
    "D-P09",
    "D-P16",
    "D-P18",
    "D-SDN",
    "D-VER",
    "D-MRS",
    "D-LYO",
    "D-STE",
    "D-NIC",
    "D-BOR",
    "D-NTE",
    "D-LIL",
    "G-NRD",
    "G-EST",
    "G-LYN",
    "G-CHT",
    "F-VIL",
    "F-CHA",
    "F-HDV",
    "A-CDG",
]
"""Where visitors from abroad are many, and joint patrols walk by day and in the evening."""

CITIES: Final = {
    "IDF": ("Paris", 48.8566, 2.3522),
    "MRS": ("Marseille", 43.2965, 5.3698),
    "LYO": ("Lyon", 45.7640, 4.8357),
    "STE": ("Saint-Étienne", 45.4397, 4.3872),
    "NIC": ("Nice", 43.7102, 7.2620),
    "BOR": ("Bordeaux", 44.8378, -0.5792),
    "NAN": ("Nantes", 47.2184, -1.5536),
    "LIL": ("Lille", 50.6292, 3.0573),
    "CTX": ("Châteauroux", 46.8103, 1.6910),
    "TAH": ("Papeete", -17.5516, -149.5585),
}
"""Regions of the host's forces, with the town where they are based."""

_ARRONDISSEMENTS: Final = (
    (1, 48.8625, 2.3363, 300),
    (2, 48.8683, 2.3428, 160),
    (3, 48.8630, 2.3601, 170),
    (4, 48.8543, 2.3576, 300),
    (5, 48.8445, 2.3497, 210),
    (6, 48.8490, 2.3330, 200),
    (7, 48.8562, 2.3122, 420),
    (8, 48.8727, 2.3125, 440),
    (9, 48.8769, 2.3374, 220),
    (10, 48.8761, 2.3607, 260),
    (11, 48.8590, 2.3800, 230),
    (12, 48.8396, 2.4000, 250),
    (13, 48.8283, 2.3623, 210),
    (14, 48.8331, 2.3265, 190),
    (15, 48.8401, 2.2930, 280),
    (16, 48.8604, 2.2620, 330),
    (17, 48.8873, 2.3067, 210),
    (18, 48.8925, 2.3480, 300),
    (19, 48.8871, 2.3848, 280),
    (20, 48.8632, 2.4010, 230),
)
_DISTRICTS: Final = (
    ("D-SDN", "Saint-Denis", 48.9362, 2.3574, "IDF", 320),
    ("D-AUB", "Aubervilliers", 48.9146, 2.3821, "IDF", 140),
    ("D-BOB", "Bobigny", 48.9086, 2.4394, "IDF", 140),
    ("D-LBG", "Le Bourget", 48.9353, 2.4256, "IDF", 130),
    ("D-VPT", "Villepinte", 48.9550, 2.5410, "IDF", 120),
    ("D-COL", "Colombes", 48.9226, 2.2522, "IDF", 130),
    ("D-NAN", "Nanterre and La Défense", 48.8924, 2.2153, "IDF", 240),
    ("D-BOU", "Boulogne-Billancourt", 48.8397, 2.2399, "IDF", 130),
    ("D-CRE", "Créteil", 48.7904, 2.4556, "IDF", 150),
    ("D-VER", "Versailles", 48.8014, 2.1301, "IDF", 190),
    ("D-SQY", "Saint-Quentin-en-Yvelines", 48.7836, 2.0450, "IDF", 150),
    ("D-CHE", "Chelles and Vaires", 48.8770, 2.5900, "IDF", 130),
    ("D-MRS", "Marseille centre", 43.2965, 5.3698, "MRS", 420),
    ("D-PRA", "Marseille Prado and marina", 43.2680, 5.3830, "MRS", 210),
    ("D-LYO", "Lyon", 45.7640, 4.8357, "LYO", 380),
    ("D-DEC", "Décines-Charpieu", 45.7690, 4.9580, "LYO", 110),
    ("D-STE", "Saint-Étienne", 45.4397, 4.3872, "STE", 180),
    ("D-NIC", "Nice", 43.7102, 7.2620, "NIC", 300),
    ("D-BOR", "Bordeaux", 44.8378, -0.5792, "BOR", 290),
    ("D-NTE", "Nantes", 47.2184, -1.5536, "NAN", 260),
    ("D-LIL", "Lille", 50.6292, 3.0573, "LIL", 320),
    ("D-VDA", "Villeneuve-d'Ascq", 50.6230, 3.1440, "LIL", 120),
    ("D-CTX", "Châteauroux", 46.8103, 1.6910, "CTX", 80),
    ("D-TAH", "Taiarapu", -17.7830, -149.3050, "TAH", 40),
)
_STATIONS: Final = (
    ("G-NRD", "Gare du Nord", 48.8809, 2.3553, "IDF", 150),
    ("G-EST", "Gare de l'Est", 48.8767, 2.3593, "IDF", 90),
    ("G-LYN", "Gare de Lyon", 48.8443, 2.3744, "IDF", 130),
    ("G-AUS", "Gare d'Austerlitz", 48.8422, 2.3650, "IDF", 80),
    ("G-MPN", "Gare Montparnasse", 48.8409, 2.3206, "IDF", 110),
    ("G-STL", "Gare Saint-Lazare", 48.8763, 2.3247, "IDF", 110),
    ("G-CHT", "Châtelet-Les Halles", 48.8617, 2.3470, "IDF", 130),
    ("G-DEF", "La Défense station", 48.8919, 2.2380, "IDF", 90),
    ("G-SDP", "Saint-Denis Pleyel", 48.9178, 2.3460, "IDF", 90),
    ("G-SDF", "Stade de France stations", 48.9172, 2.3620, "IDF", 100),
    ("G-MAG", "Magenta and La Chapelle", 48.8842, 2.3600, "IDF", 60),
    ("G-VCH", "Versailles Chantiers", 48.7953, 2.1353, "IDF", 60),
    ("G-MLV", "Marne-la-Vallée Chessy", 48.8699, 2.7827, "IDF", 60),
    ("G-MSC", "Marseille Saint-Charles", 43.3027, 5.3804, "MRS", 80),
    ("G-LPD", "Lyon Part-Dieu", 45.7605, 4.8595, "LYO", 80),
    ("G-STC", "Saint-Étienne Châteaucreux", 45.4432, 4.3995, "STE", 40),
    ("G-NIV", "Nice-Ville", 43.7046, 7.2619, "NIC", 60),
    ("G-BSJ", "Bordeaux Saint-Jean", 44.8256, -0.5560, "BOR", 60),
    ("G-NTS", "Nantes station", 47.2173, -1.5419, "NAN", 60),
    ("G-LLE", "Lille Europe and Flandres", 50.6387, 3.0750, "LIL", 80),
)
_VILLAGES: Final = (
    ("V-OLY", "Olympic village", "Saint-Denis", 48.9230, 2.3330, "IDF", 340),
    ("V-MED", "Media village", "Le Bourget", 48.9390, 2.4050, "IDF", 120),
    ("V-LIL", "Village of Lille", "Lille", 50.6140, 3.1350, "LIL", 60),
    ("V-MRS", "Village of Marseille", "Marseille", 43.2700, 5.3720, "MRS", 60),
)
_FAN_ZONES: Final = (
    ("F-VIL", "Fan zone La Villette", "Paris", 48.8938, 2.3902, "IDF", 220),
    ("F-CHA", "Champions park Trocadéro", "Paris", 48.8620, 2.2880, "IDF", 260),
    ("F-HDV", "Fan zone Hôtel de Ville", "Paris", 48.8567, 2.3510, "IDF", 180),
    ("F-JAU", "Fan zone Jaurès", "Paris", 48.8830, 2.3700, "IDF", 90),
    ("F-SDN", "Fan zone Saint-Denis", "Saint-Denis", 48.9360, 2.3590, "IDF", 120),
    ("F-VER", "Fan zone Versailles", "Versailles", 48.8050, 2.1200, "IDF", 70),
    ("F-MRS", "Fan zone Marseille", "Marseille", 43.2590, 5.3760, "MRS", 130),
    ("F-LYO", "Fan zone Lyon", "Lyon", 45.7578, 4.8320, "LYO", 110),
    ("F-STE", "Fan zone Saint-Étienne", "Saint-Étienne", 45.4400, 4.3870, "STE", 60),
    ("F-NIC", "Fan zone Nice", "Nice", 43.6950, 7.2700, "NIC", 80),
    ("F-BOR", "Fan zone Bordeaux", "Bordeaux", 44.8450, -0.5750, "BOR", 80),
    ("F-NTE", "Fan zone Nantes", "Nantes", 47.2060, -1.5640, "NAN", 70),
    ("F-LIL", "Fan zone Lille", "Lille", 50.6370, 3.0630, "LIL", 80),
)
_HOTELS: Final = (
    ("H-P08", "Hotels of the Olympic family", "Paris", 48.8700, 2.3050, "IDF", 110),
    ("H-P16", "Hotels of delegations, west", "Paris", 48.8660, 2.2850, "IDF", 80),
    ("H-P12", "Hotels of delegations, east", "Paris", 48.8380, 2.3830, "IDF", 60),
    ("H-DEF", "Hotels of La Défense", "Puteaux", 48.8900, 2.2400, "IDF", 70),
    ("H-ROI", "Hotels of Roissy", "Roissy", 49.0030, 2.5160, "IDF", 60),
    ("H-MRS", "Hotels of Marseille", "Marseille", 43.2930, 5.3650, "MRS", 40),
    ("H-LYO", "Hotels of Lyon", "Lyon", 45.7600, 4.8590, "LYO", 40),
    ("H-NIC", "Hotels of Nice", "Nice", 43.6950, 7.2650, "NIC", 40),
)
AIRPORTS: Final = (
    ("A-CDG", "Paris Charles-de-Gaulle", 49.0097, 2.5479, "IDF", 260, 260),
    ("A-ORY", "Paris-Orly", 48.7262, 2.3652, "IDF", 150, 130),
    ("A-LBG", "Paris-Le Bourget", 48.9600, 2.4400, "IDF", 60, 40),
    ("A-BVA", "Beauvais", 49.4544, 2.1128, "IDF", 30, 30),
    ("A-MRS", "Marseille Provence", 43.4393, 5.2214, "MRS", 60, 50),
    ("A-LYS", "Lyon Saint-Exupéry", 45.7256, 5.0811, "LYO", 60, 50),
    ("A-NCE", "Nice Côte d'Azur", 43.6584, 7.2159, "NIC", 60, 60),
    ("A-BOD", "Bordeaux-Mérignac", 44.8283, -0.7156, "BOR", 40, 30),
    ("A-NTE", "Nantes Atlantique", 47.1532, -1.6107, "NAN", 40, 30),
    ("A-LIL", "Lille-Lesquin", 50.5619, 3.0894, "LIL", 30, 20),
)
"""Airports: code, name, position, region, officers by day, border guards by day."""


def _shape(kind: str, day: int) -> tuple[int, int, int]:
    """Give officers by day, evening and night from those by day."""
    evening, night = {
        "district": (1.0, 0.5),
        "station": (1.0, 0.35),
        "village": (1.0, 0.6),
        "fan-zone": (1.5, 0.2),
        "hotel": (1.0, 0.7),
        "airport": (1.0, 0.45),
    }[kind]
    day = round(day * SCALE)
    return day, round(day * evening), round(day * night)


def _places() -> list[tuple[str, str, str, str, float, float, str, tuple[int, int, int]]]:
    rows = []
    for number, lat, lon, day in _ARRONDISSEMENTS:
        code, name = f"D-P{number:02d}", f"Paris, arrondissement {number}"
        rows.append((code, name, "district", "Paris", lat, lon, "IDF", _shape("district", day)))
    for code, name, lat, lon, region, day in _DISTRICTS:
        rows.append((code, name, "district", name, lat, lon, region, _shape("district", day)))
    for code, name, lat, lon, region, day in _STATIONS:
        city = CITIES[region][0]
        rows.append((code, name, "station", city, lat, lon, region, _shape("station", day)))
    for kind, table in (("village", _VILLAGES), ("fan-zone", _FAN_ZONES), ("hotel", _HOTELS)):
        for code, name, city, lat, lon, region, day in table:
            rows.append((code, name, kind, city, lat, lon, region, _shape(kind, day)))
    for code, name, lat, lon, region, day, _ in AIRPORTS:
        city = CITIES[region][0]
        rows.append((code, name, "airport", city, lat, lon, region, _shape("airport", day)))
    return rows


PLACES: Final = _places()
"""Code, name, kind, town, position, region, officers in the three bands of :data:`BANDS`."""
