"""From an event to its need: all formulas, three levels, standing needs, overlays, one table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.need.coefficients import standard_coefficients
from passerelle.planning.need.columns import CROWD_PHASES, columns, nation_units, visitors_at
from passerelle.planning.need.formulas import ceil_one
from passerelle.planning.need.frame import frame
from passerelle.planning.need.standing import standing_needs
from passerelle.planning.need.values import Level, Need, Overlay, OverlayKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.frame import Frame
    from passerelle.planning.need.standing import Standing
    from passerelle.planning.need.values import IntArray
    from passerelle.planning.programme import Event

__all__ = ["assess", "assess_sites"]


def assess(event: Event, coefficients: Coefficients | None = None) -> Need:
    """Compute the need of an event.

    Parameters
    ----------
    event
        Complete event.
    coefficients
        Numbers of the model; those of the product when left out.

    Returns
    -------
    Need
        Sorted by site, capability, start. Same event and coefficients, same table.

    References
    ----------
    .. [1] The formulas stand in :mod:`passerelle.planning.need.formulas`, their foundation in
           ``coefficients.toml``, the merging of sessions in
           ``docs/adr/0011-merging-sessions-of-a-site.md``.
    """
    coefficients = coefficients or standard_coefficients()
    laid = frame(event, coefficients)
    standing = standing_needs(event, coefficients)
    need = _table(laid, standing, tuple(_overlays(laid)))
    return replace(need, overlays=(*need.overlays, *_qualified(need, event, coefficients)))


def assess_sites(
    event: Event, sites: Collection[str], coefficients: Coefficients | None = None
) -> Need:
    """Compute the need of some sites of an event, equal to those rows of the whole.

    Parameters
    ----------
    event
        Complete event.
    sites
        Codes of the sites.
    coefficients
        Numbers of the model; those of the product when left out.
    """
    coefficients = coefficients or standard_coefficients()
    here = replace(
        event,
        sessions=tuple(session for session in event.sessions if session.venue_id in sites),
        assumptions=(),
    )
    laid = frame(here, coefficients)
    standing = tuple(need for need in standing_needs(event, coefficients) if need.site_id in sites)
    need = _table(laid, standing, tuple(_overlays(laid)))
    return replace(need, overlays=(*need.overlays, *_qualified(need, event, coefficients)))


def _table(laid: Frame, standing: tuple[Standing, ...], overlays: tuple[Overlay, ...]) -> Need:
    event, c = laid.event, laid.coefficients
    by_level = {level: columns(laid, level) for level in Level}
    site_ids = tuple(event.sites)
    computed = {code for code, units in by_level[Level.HIGH].items() if units.any()}
    codes = sorted(computed | {need.capability for need in standing if need.units[2]})
    parts = [
        _formula_rows(laid, {level: by_level[level][code] for level in Level}, number, code)
        for number, code in enumerate(codes)
        if code in computed
    ]
    parts.append(_standing_rows(standing, site_ids, codes))
    rows = np.concatenate(parts, axis=1)
    rows = rows[:, np.lexsort((rows[9], rows[2], rows[1], rows[0]))]
    return Need(
        event_id=event.id,
        coefficient_version=c.version,
        site_ids=site_ids,
        capabilities=tuple(codes),
        site=rows[0].astype(np.int64),
        capability=rows[1].astype(np.int64),
        start=rows[2].astype(np.int64),
        end=rows[3].astype(np.int64),
        low=rows[4].astype(np.int64),
        central=rows[5].astype(np.int64),
        high=rows[6].astype(np.int64),
        minimum=rows[7].astype(np.int64),
        weight=np.ascontiguousarray(rows[8]),
        moment=rows[9].astype(np.int64),
        overlays=overlays,
    )


def _formula_rows(
    laid: Frame, units: dict[Level, IntArray], number: int, code: str
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Give the rows of one capability: ten columns in the order of :class:`Need`."""
    moments, c = laid.moments, laid.coefficients
    kept = np.flatnonzero(units[Level.HIGH] > 0)
    central = units[Level.CENTRAL][kept]
    return np.stack(
        [
            moments.venue[kept],
            np.full(len(kept), number),
            moments.start[kept],
            moments.end[kept],
            units[Level.LOW][kept],
            central,
            units[Level.HIGH][kept],
            np.ceil(np.round(central * c["default.minimum-share"], 9)),
            np.full(len(kept), c.weight(code)),
            kept,
        ]
    ).astype(np.float64)


def _standing_rows(
    standing: tuple[Standing, ...], site_ids: tuple[str, ...], codes: list[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    site = {name: i for i, name in enumerate(site_ids)}
    number = {name: i for i, name in enumerate(codes)}
    rows = [
        (
            site[need.site_id],
            number[need.capability],
            need.interval.start.timestamp(),
            need.interval.end.timestamp(),
            *need.units,
            need.minimum,
            need.weight,
            -1 - i,
        )
        for i, need in enumerate(standing)
        if need.units[2] > 0
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 10).T


def _qualified(need: Need, event: Event, coefficients: Coefficients) -> Iterator[Overlay]:
    """Yield what the event asks of those who serve its needs."""
    for asked in event.qualifications:
        for row in need.rows(capability=asked.capability):
            site = need.site_ids[int(need.site[row])]
            crews = ceil_one(asked.share * int(need.central[row]))
            if crews and (not asked.site_ids or site in asked.site_ids):
                yield Overlay(
                    OverlayKind(asked.kind),
                    asked.key,
                    site,
                    need.interval(row),
                    (asked.capability,),
                    crews,
                    coefficients["default.overlay-weight"],
                    f"{asked.share:.0%} of {asked.capability}: {asked.kind} {asked.key}".strip(),
                    (),
                )


def _overlays(laid: Frame) -> Iterator[Overlay]:
    """Yield language and knowledge of supporters wherever visitors are expected."""
    moments, event = laid.moments, laid.event
    nations = {nation.code: nation for nation in event.nations}
    has = np.array([bool(session.supporters) for session in event.sessions], dtype=bool)
    chosen = moments.in_phases(*CROWD_PHASES) & has[moments.pair_session]
    weight = laid.coefficients["default.overlay-weight"]
    for moment in np.unique(moments.pair_moment[chosen]).tolist():
        interval = moments.interval(moment)
        site = event.venues[int(moments.venue[moment])].id
        for code, sessions in visitors_at(laid, moment).items():
            units = nation_units(laid, Level.CENTRAL, code, sessions)
            ids = tuple(event.sessions[i].id for i in sessions)
            nation = nations.get(code)
            if nation and nation.languages and units["joint_patrol"]:
                yield Overlay(
                    OverlayKind.LANGUAGE,
                    nation.languages[0],
                    site,
                    interval,
                    ("joint_patrol", "patrol", "contact_officer"),
                    units["joint_patrol"],
                    weight,
                    f"supporters of {nation.name}",
                    ids,
                )
            if units.get("spotter"):
                yield Overlay(
                    OverlayKind.SUPPORTERS,
                    code,
                    site,
                    interval,
                    ("spotter",),
                    units["spotter"],
                    weight,
                    f"spotters who know the supporters of {nation.name if nation else code}",
                    ids,
                )
