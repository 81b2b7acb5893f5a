"""The planner's need, packed for the database and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.node.packing import pack_columns, unpack_columns
from passerelle.planning.need import Need, Overlay, OverlayKind

if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_need", "write_need"]

_COLUMNS = (
    "site",
    "capability",
    "start",
    "end",
    "low",
    "central",
    "high",
    "minimum",
    "weight",
    "moment",
)


def write_need(need: Need) -> bytes:
    """Pack all figures and overlays."""
    return pack_columns(
        {name: getattr(need, name) for name in _COLUMNS},
        {
            "event": need.event_id,
            "coefficients": need.coefficient_version,
            "sites": need.site_ids,
            "capabilities": need.capabilities,
            "overlays": [_overlay(overlay) for overlay in need.overlays],
        },
    )


def read_need(packed: bytes) -> Need:
    """Return the need that :func:`write_need` was given."""
    columns, texts = unpack_columns(packed)
    return Need(
        event_id=texts["event"],
        coefficient_version=texts["coefficients"],
        site_ids=tuple(texts["sites"]),
        capabilities=tuple(texts["capabilities"]),
        overlays=tuple(_read_overlay(one) for one in texts["overlays"]),
        **{name: columns[name] for name in _COLUMNS},
    )


def _overlay(overlay: Overlay) -> dict[str, object]:
    return {
        "kind": overlay.kind.value,
        "key": overlay.key,
        "site": overlay.site_id,
        "start": format_instant(overlay.interval.start),
        "end": format_instant(overlay.interval.end),
        "capabilities": overlay.capabilities,
        "crews": overlay.crews,
        "weight": overlay.weight,
        "reason": overlay.reason,
        "sessions": overlay.session_ids,
    }


def _read_overlay(value: dict[str, Any]) -> Overlay:  # Any: JSON
    return Overlay(
        kind=OverlayKind(value["kind"]),
        key=value["key"],
        site_id=value["site"],
        interval=Interval(parse_instant(value["start"]), parse_instant(value["end"])),
        capabilities=tuple(value["capabilities"]),
        crews=value["crews"],
        weight=value["weight"],
        reason=value["reason"],
        session_ids=tuple(value["sessions"]),
    )
