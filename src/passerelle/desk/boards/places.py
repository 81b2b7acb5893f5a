"""Sites as rows: named in the reader's language, grouped by kind, biggest kinds first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.desk.boards.coverage import SiteLine
from passerelle.desk.boards.cube import Slice, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.desk.boards.cube import CoverageCube
    from passerelle.planning.programme import Event, Site, SiteKind

__all__ = ["MapPoint", "map_points", "site_lines", "site_name"]


def site_name(site: Site, language: str, host: str) -> str:
    """Return the local name for readers of the host's language, the international one otherwise."""
    is_local = language[:2].lower() == host.lower()
    return (site.name_local if is_local else site.name) or site.name or site.id


def site_lines(
    programme: Event, language: str, kinds: Mapping[SiteKind, object]
) -> tuple[SiteLine, ...]:
    """List all sites, by kind in the order of ``kinds``, then by name."""
    order = {kind: index for index, kind in enumerate(kinds)}
    lines = [
        (
            order[site.kind],
            SiteLine(code, site_name(site, language, programme.host), str(kinds[site.kind])),
        )
        for code, site in programme.sites.items()
    ]
    return tuple(line for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].name)))


@dataclass(frozen=True, slots=True)
class MapPoint:
    """Place a site on the map with its coverage in each part of time."""

    line: SiteLine
    lat: float
    lon: float
    slices: tuple[Slice, ...]


def map_points(
    programme: Event,
    lines: Sequence[SiteLine],
    cube: CoverageCube,
    bounds: Sequence[tuple[int, int]],
) -> tuple[MapPoint, ...]:
    """Join sites, positions and coverage; sites with nothing needed at any time are left out."""
    row_of = {code: index for index, code in enumerate(cube.site_ids)}
    table: list[list[Slice]] = [[] for _ in cube.site_ids]
    for low, high in bounds:
        for row, more in zip(table, cube.slices((low, high)), strict=True):
            row.extend(more)
    sites = programme.sites
    points = []
    for line in lines:
        slices = table[row_of[line.code]] if line.code in row_of else []
        if any(entry.step is not Step.NONE for entry in slices):
            site = sites[line.code]
            points.append(MapPoint(line, site.lat, site.lon, tuple(slices)))
    return tuple(points)
