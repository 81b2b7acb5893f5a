"""Two real nodes on this machine: over loopback, and through a directory with a careless courier."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passerelle.exchange.trust import fingerprint_words

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
SAY = """
import sys
from pathlib import Path
from passerelle.node.installation import enter
enter(Path(sys.argv[1]))
from passerelle.exchange.header import Kind
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange.acts import NewAct, release_acts
for start in range(0, int(sys.argv[3]), 50):
    release_acts(
        [NewAct(sys.argv[2], Kind.REPORT, "ab" * 16, {"n": start + n}) for n in range(50)],
        clock=SystemClock(),
    )
"""
ROOTS = """
import json, sys
from pathlib import Path
from passerelle.node.installation import enter
enter(Path(sys.argv[1]))
from passerelle.node.exchange.models import Cursor, Log
found = {log.origin: [log.size, log.root] for log in Log.objects.all()}
cosigned = {cursor.log.origin: cursor.cosigned for cursor in Cursor.objects.select_related("log")}
print(json.dumps([found, cosigned]))
"""


def environment() -> dict[str, str]:
    """Return the variables of a fresh node."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PASSERELLE_LOG_LEVEL": "error"}


def passerelle(*words: object) -> str:
    """Run the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "passerelle.cli", *map(str, words)],
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(text: str, *words: object) -> str:
    """Run a script inside a node."""
    done = subprocess.run(
        [sys.executable, "-c", text, *map(str, words)],
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def roots(folder: Path) -> tuple[dict[str, list[object]], dict[str, int]]:
    """Return size and root of every log of a node, and what is receipted."""
    found, cosigned = json.loads(script(ROOTS, folder))
    return found, cosigned


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def bare_nodes(tmp_path: Path) -> dict[str, tuple[Path, int]]:
    """Make two nodes that do not know each other."""
    found = {name: (tmp_path / name, free_port()) for name in ("fr", "ma")}
    for name, (folder, port) in found.items():
        passerelle("init", folder, "--name", name, "--port", port)
    return found


@pytest.fixture
def nodes(bare_nodes: dict[str, tuple[Path, int]]) -> dict[str, tuple[Path, int]]:
    """Make two nodes whose operators have met."""
    found = bare_nodes
    for here, there in (("fr", "ma"), ("ma", "fr")):
        trust = found[there][0] / "exchange" / "trust"
        words = fingerprint_words((trust / "1.root.json").read_bytes())
        root = ["--root", trust / "1.root.json", "--fingerprint", words]
        passerelle("peer", "add", found[here][0], there, *root, "--trust", trust)
    return found


@pytest.fixture
def served(nodes: dict[str, tuple[Path, int]]) -> Iterator[dict[str, tuple[Path, int]]]:
    """Serve both nodes and let both work."""
    running = []
    try:
        for folder, port in nodes.values():
            for words in (["serve", folder], ["work", folder]):
                command = [sys.executable, "-m", "passerelle.cli", *map(str, words)]
                running.append(
                    subprocess.Popen(
                        command,
                        env=environment(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    )
                )
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
        yield nodes
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def settled(nodes: dict[str, tuple[Path, int]]) -> bool:
    """Tell whether both nodes hold the same logs, and each its receipts."""
    (a, a_cosigned), (b, b_cosigned) = (roots(folder) for folder, _ in nodes.values())
    return (
        len(a) == 2
        and a == b
        and all(a[origin][0] == size for origin, size in (a_cosigned | b_cosigned).items())
    )


@pytest.mark.slow
def test_two_nodes_reach_the_same_roots_over_loopback(
    served: dict[str, tuple[Path, int]], tmp_path: Path
) -> None:
    script(SAY, served["fr"][0], "ma", 150)
    script(SAY, served["ma"][0], "fr", 50)

    deadline = time.monotonic() + 240
    while not settled(served) and time.monotonic() < deadline:
        time.sleep(0.5)

    assert settled(served)
    for name, peer in (("fr", "ma"), ("ma", "fr")):
        passerelle("pack", served[name][0], peer, tmp_path / f"{name}.pack")
    told = json.loads(_verify(tmp_path / "fr.pack", tmp_path / "ma.pack"))
    assert told["broken"] == []
    assert "Both packs agree on fr/to/ma/epoch-1 up to 150 entries." in told["proved"]
    assert "Both packs agree on ma/to/fr/epoch-1 up to 50 entries." in told["proved"]


COURIER = """
import json, sys
from pathlib import Path
from passerelle.node.installation import enter
folder, peer, trust, *steps = sys.argv[1:]
enter(Path(folder))
from passerelle.exchange.header import Kind
from passerelle.exchange.trust import fingerprint
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange import peers
from passerelle.node.exchange.acts import NewAct, release_acts
from passerelle.node.exchange.courier import bundle_in, bundle_out
from passerelle.node.exchange.models import Peer
clock = SystemClock()
if not Peer.objects.exists():
    root = (Path(trust) / "1.root.json").read_bytes()
    peers.add_peer(peer, root, fingerprint(root))
    peers.refresh_peer(peer, peers.fetch_from_folder(Path(trust)), clock)
boxes = []
for step in steps:
    word, _, place = step.partition("=")
    if word == "say":
        acts = [NewAct(peer, Kind.REPORT, "ab" * 16, {"n": n}) for n in range(int(place))]
        release_acts(acts, clock=clock)
    elif word == "out":
        boxes += [str(path) for path in bundle_out(Path(place), clock)]
    else:
        bundle_in(Path(place), clock)
print(json.dumps(boxes))
"""


def test_a_directory_with_duplicates_and_wrong_order_leads_to_the_same_roots(
    bare_nodes: dict[str, tuple[Path, int]], tmp_path: Path
) -> None:
    draw, stick, peer = random.Random(4), tmp_path / "stick", {"fr": "ma", "ma": "fr"}

    def courier(name: str, *steps: str) -> list[Path]:
        trust = bare_nodes[peer[name]][0] / "exchange" / "trust"
        printed = script(COURIER, bare_nodes[name][0], peer[name], trust, *steps)
        return [Path(box) for box in json.loads(printed)]

    boxes = {
        peer[name]: courier(
            name, "say=70", f"out={stick}", "say=80", f"out={stick}", "say=5", f"out={stick}"
        )
        for name in peer
    }
    backs = {}
    for name, found in boxes.items():
        draw.shuffle(found)
        bags = []
        for number, box in enumerate([*found, *found[:2]]):
            bags.append(tmp_path / f"bag-{name}-{number}")
            (bags[-1] / f"to-{name}").mkdir(parents=True)
            shutil.copy(box, bags[-1] / f"to-{name}" / box.name)
        back = tmp_path / f"back-{name}"
        courier(name, *(f"in={bag}" for bag in bags), f"out={back}")
        backs[peer[name]] = back
    for name, back in backs.items():
        courier(name, f"in={back}")

    assert settled(bare_nodes)
    assert [size for size, _ in roots(bare_nodes["fr"][0])[0].values()] == [155, 155]


def _verify(*packs: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "passerelle.cli", "verify", *map(str, packs), "--json"],
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout  # the roots came with the packs: a remark
    return done.stdout
