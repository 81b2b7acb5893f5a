"""A node ``fr`` that knows a partner ``ma``, for tests of the exchange over a real database."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_partner import Partner

from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange import identity
from passerelle.node.exchange.models import Peer
from passerelle.node.exchange.station import entered, open_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Draw the keys of two nodes once: the passphrase is meant to be slow."""
    found = {}
    for seed, name in enumerate(("fr", "ma")):
        found[name] = tmp_path_factory.mktemp("exchange") / name
        draw = random.Random(seed).randbytes
        identity.create(found[name], name, now=CLOCK.now(), random_bytes=draw)
    return found


@pytest.fixture
def partner(folders: dict[str, Path]) -> Iterator[Partner]:
    """Enter a node ``fr`` that knows a node ``ma``."""
    shutil.rmtree(folders["fr"] / "guard", ignore_errors=True)
    with entered(open_station(folders["fr"])) as ours:
        found = Partner(folders["ma"], ours, CLOCK)
        found.introduce()
        Peer.objects.filter(pk="ma").update(state="active")
        yield found


@pytest.fixture
def addressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every card an address, so that the worker sends."""
    from passerelle.exchange.card import NodeCard

    post = NodeCard.__post_init__

    def with_address(self: NodeCard) -> None:
        post(self)
        object.__setattr__(self, "endpoints", ("https://ma",))

    monkeypatch.setattr(NodeCard, "__post_init__", with_address)
