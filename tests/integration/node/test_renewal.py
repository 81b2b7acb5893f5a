"""The own trust files are published anew before a peer finds them old."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from passerelle.exchange.trust import fingerprint, pin_root, refresh
from passerelle.node.exchange import identity, peers
from passerelle.node.exchange.renewal import renew
from passerelle.node.exchange.station import entered, open_station

if TYPE_CHECKING:
    from pathlib import Path

MADE = datetime(2024, 1, 2, 8, tzinfo=UTC)


def version_of(folder: Path) -> int:
    """Return the version of the published timestamp."""
    return int(json.loads((folder / "trust" / "timestamp.json").read_bytes())["signed"]["version"])


@pytest.mark.django_db
def test_trust_files_are_published_anew_once_half_of_their_life_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "fr"
    identity.create(folder, "fr", now=MADE, random_bytes=random.Random(7).randbytes)
    later = MADE + timedelta(days=16)

    with entered(open_station(folder)):
        early = renew(MADE + timedelta(days=14))
        before = version_of(folder)
        first, second = renew(later), renew(later)

    assert (early, first, second) == (False, True, False)
    assert version_of(folder) == before + 1
    root = (folder / "trust" / "1.root.json").read_bytes()
    files = peers.fetch_from_folder(folder / "trust")
    known = {name: data for name in peers.TRUST_FILES if (data := files(name)) is not None}
    trust = refresh(pin_root(root, fingerprint(root)), "fr", known, MADE + timedelta(days=40))
    assert trust.expires is not None
    assert trust.expires - later > timedelta(days=29)
