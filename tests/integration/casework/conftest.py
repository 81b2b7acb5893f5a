"""A node with keys, a partner and a corridor of persons in force."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.simulators.case_node import CaseNode

from passerelle.kernel.clock import FixedClock
from passerelle.node.dossiers.related import forget_related
from passerelle.node.exchange import identity
from passerelle.node.exchange.station import entered, open_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2024, 4, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def case_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Draw the keys of two nodes once: the passphrase is meant to be slow."""
    found = {}
    for seed, name in enumerate(("fr", "ma")):
        found[name] = tmp_path_factory.mktemp("casework") / name
        draw = random.Random(seed).randbytes
        identity.create(
            found[name], name, now=START - timedelta(days=1), random_bytes=draw,
            endpoints=("https://ma",),
        )  # fmt: skip
    return found


@pytest.fixture
def node(case_folders: dict[str, Path], db: None) -> Iterator[CaseNode]:
    """Enter a node ``fr`` that may speak about persons with ``ma``."""
    shutil.rmtree(case_folders["fr"] / "guard", ignore_errors=True)
    forget_related()
    with entered(open_station(case_folders["fr"])) as ours:
        found = CaseNode(ours, case_folders["ma"], FixedClock(START))
        found.introduce()
        yield found
