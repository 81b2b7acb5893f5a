"""Write the outlines of the map from public-domain and open-licence geometry, in our own format.

``python tools/outlines.py FOLDER`` reads ``world_countries_50m.topojson`` (Natural Earth 4.1, public
domain, by way of world-atlas 2.0.2) and ``fr_departments.topojson`` (IGN Admin Express COG 2018,
Licence Ouverte) from FOLDER and writes ``src/passerelle/desk/static/desk/outlines/*.json``.

The format keeps borders once: ``arcs`` are lists of coordinates in hundredths (or thousandths) of a
degree, each relative to the one before; ``areas`` name their rings as indices of arcs, ``~i`` meaning
arc ``i`` backwards, as TopoJSON does. A border that two areas share can so be drawn in its own way,
which is what the setting for disputed borders needs. Points are thinned by Douglas and Peucker (1973).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src/passerelle/desk/static/desk/outlines"

Point = tuple[float, float]


def decoded(topology: dict) -> list[list[Point]]:
    """Return the arcs in degrees."""
    transform = topology.get("transform")
    arcs = []
    for arc in topology["arcs"]:
        if transform is None:
            arcs.append([(x, y) for x, y in arc])
            continue
        (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def thinned(points: list[Point], tolerance: float) -> list[Point]:
    """Drop points nearer than ``tolerance`` to the line without them (Douglas and Peucker 1973)."""
    keep = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        (ax, ay), (bx, by) = points[first], points[last]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        worst, at = tolerance, None
        for index in range(first + 1, last):
            px, py = points[index]
            if length:
                far = abs((bx - ax) * (ay - py) - (ax - px) * (by - ay)) / length
            else:
                far = ((px - ax) ** 2 + (py - ay) ** 2) ** 0.5
            if far > worst:
                worst, at = far, index
        if at is not None:
            keep.add(at)
            todo += [(first, at), (at, last)]
    return [points[index] for index in sorted(keep)]


def packed(points: list[Point], scale: int) -> list[int]:
    """Return whole numbers, each pair relative to the one before."""
    found: list[int] = []
    last = (0, 0)
    for x, y in points:
        here = (round(x * scale), round(y * scale))
        found += [here[0] - last[0], here[1] - last[1]]
        last = here
    return found


def rings(geometry: dict) -> list[list[int]]:
    """Return all rings of an area as lists of arc indices; holes count as rings too."""
    if geometry["type"] == "Polygon":
        return geometry["arcs"]
    if geometry["type"] == "MultiPolygon":
        return [ring for polygon in geometry["arcs"] for ring in polygon]
    return []


def convert(path: Path, scale: int, tolerance: float, source: str, key: str) -> dict:
    """Read one topology and return it in our format."""
    topology = json.loads(path.read_text("utf-8"))
    (layer,) = (o for name, o in topology["objects"].items() if name != "land")
    arcs = [thinned(arc, tolerance) for arc in decoded(topology)]
    areas = {}
    for geometry in layer["geometries"]:
        code = str(geometry.get(key) or geometry.get("properties", {}).get(key) or "")
        kept = [
            ring
            for ring in rings(geometry)
            if sum(len(arcs[i if i >= 0 else ~i]) for i in ring) > 4
        ]
        if kept:
            areas.setdefault(code, []).extend(kept)
    used = sorted({i if i >= 0 else ~i for all_ in areas.values() for ring in all_ for i in ring})
    new = {old: index for index, old in enumerate(used)}
    return {
        "source": source,
        "scale": scale,
        "arcs": [packed(arcs[index], scale) for index in used],
        "areas": {
            code: [[new[i] if i >= 0 else ~new[~i] for i in ring] for ring in all_]
            for code, all_ in sorted(areas.items())
        },
    }


def main() -> int:
    """Write both files."""
    folder = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, scale, tolerance, source, key, target in (
        ("world_countries_50m", 100, 0.04, "Natural Earth 4.1, public domain", "id", "world"),
        (
            "fr_departments",
            1000,
            0.006,
            "IGN Admin Express COG 2018, Licence Ouverte",
            "code",
            "FR",
        ),
    ):
        value = convert(folder / f"{name}.topojson", scale, tolerance, source, key)
        (TARGET / f"{target}.json").write_text(
            json.dumps(value, separators=(",", ":")) + "\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
