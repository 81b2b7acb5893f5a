"""Choose a mix of offers in a process of its own: bytes in, plain values out, no database."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.node import planner
from passerelle.node.events.need_columns import read_need
from passerelle.node.jobs.standing import Standing

if TYPE_CHECKING:
    from passerelle.compute import Channel

__all__ = ["MixRequest", "solve_mix"]


@dataclass(frozen=True, slots=True)
class MixRequest:
    """Say what is to be compared.

    Parameters
    ----------
    files
        Files of the event folder by name, with committed and offered groups.
    name
        Name of the folder.
    need
        The packed need.
    excludes
        Offers that cannot be taken together, by code of the offer.
    valid_until
        When each offer lapses, as ISO text, by code.
    seconds
        Time for all questions together.
    """

    files: dict[str, bytes]
    name: str
    need: bytes
    excludes: dict[str, tuple[str, ...]]
    valid_until: dict[str, str]
    seconds: float


def solve_mix(
    request: MixRequest, channel: Channel
) -> dict[str, Any] | None:  # Any: a report as JSON
    """Compare in a process of its own: bytes in, plain values out."""
    channel.report(Standing(0.0, "reading"))
    with tempfile.TemporaryDirectory(prefix="passerelle-mix-") as place:
        folder = Path(place) / request.name
        folder.mkdir()
        for name, content in request.files.items():
            (folder / name).write_bytes(content)
        source = planner.read_folder(folder)
    channel.report(Standing(0.0, "choosing"))
    return planner.choose_mix(
        source,
        read_need(request.need),
        excludes=request.excludes,
        valid_until=request.valid_until,
        seconds=request.seconds,
    )
