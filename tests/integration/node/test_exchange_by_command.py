"""Two nodes by their commands alone: meet, agree, attach, pause, rotate, begin anew, prove."""

from __future__ import annotations

import os
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from tests.simulators.node_shell import NodeShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASE = "ab" * 16


class Pair:
    """Two nodes that exchange through a directory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stick = folder, folder / "stick"
        self.shells = {name: NodeShell(dict(os.environ)) for name in ("fr", "ma")}
        for name in self.shells:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self.run(name, "init", self.data(name), "--name", name, "--port", port)

    def data(self, name: str) -> Path:
        """Return the data folder of a node."""
        return self.folder / name

    def run(self, name: str, *words: object, code: int = 0) -> str:
        """Run a command in a node."""
        found, text = self.shells[name].run(*words)
        assert found == code, text
        return text

    def carry(self) -> None:
        """Let a courier carry everything both ways, until receipts are back."""
        for here, there in (("fr", "ma"), ("ma", "fr"), ("fr", "ma"), ("ma", "fr")):
            self.run(here, "bundle", "out", self.data(here), self.stick)
            self.run(there, "bundle", "in", self.data(there), self.stick)
            shutil.rmtree(self.stick, ignore_errors=True)

    def close(self) -> None:
        """End both processes."""
        for shell in self.shells.values():
            shell.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Make two nodes that have met: one typed the words, the other read the code."""
    found = Pair(tmp_path)
    for here, there, row in (("fr", "ma", "words"), ("ma", "fr", "code")):
        shown = found.run(there, "peer", "show", found.data(there), "--qr")
        heard = next(line for line in shown.splitlines() if line.startswith(row)).split()[1]
        trust = found.data(there) / "exchange" / "trust"
        root = ("--root", trust / "1.root.json", "--fingerprint", heard.replace("-", " "))
        found.run(here, "peer", "add", found.data(here), there, *root, "--trust", trust)
    yield found
    found.close()


@pytest.mark.slow
def test_everything_between_two_nodes_by_command(pair: Pair, tmp_path: Path) -> None:
    fr, ma = pair.data("fr"), pair.data("ma")
    file, out, agreement = tmp_path / "route.pdf", tmp_path / "out.pdf", tmp_path / "a.json"
    file.write_bytes(os.urandom(1_500_000))

    pair.run("fr", "agreement", "draft", fr, "ma", agreement, "--courier-hours", 12)
    pair.run("fr", "agreement", "sign", fr, agreement)
    pair.run("ma", "agreement", "accept", ma, agreement, code=3)
    pair.run("ma", "agreement", "sign", ma, agreement)
    assert "signed by   fr, ma" in pair.run("ma", "agreement", "show", ma, agreement)
    for name in ("fr", "ma"):
        assert "rules" in pair.run(name, "agreement", "accept", pair.data(name), agreement)

    sent = pair.run("fr", "attachment", "send", fr, "ma", CASE, file, "--courier")
    pair.carry()
    assert "with  here" in pair.run("ma", "attachment", "list", ma, CASE)
    pair.run("ma", "attachment", "open", ma, sent.split()[0], 0, out)
    assert out.read_bytes() == file.read_bytes()

    pair.run("fr", "peer", "suspend", fr, "ma")
    pair.run("fr", "bundle", "out", fr, pair.stick)
    pair.run("ma", "bundle", "in", ma, pair.stick)
    assert "PAUSED BY PEER" in pair.run("ma", "peer", "list", ma)
    for _ in range(2):
        pair.run("fr", "peer", "resume", fr, "ma")

    pair.run("fr", "keys", "rotate", fr, "--part", "log", "--stolen")
    pair.run("fr", "keys", "root", fr, "--roles")
    pair.run("fr", "keys", "storage", fr)
    assert "REVOKED" in pair.run("fr", "keys", "list", fr)
    begun = pair.run("fr", "peer", "epoch", fr, "ma", "--reason", "stolen", "--held", 1)
    assert "fr/to/ma/epoch-2 begins; the log before is closed at 1" in begun
    pair.run("fr", "attachment", "send", fr, "ma", CASE, file, "--courier")
    pair.carry()
    assert "sent 2/2 receipted" in pair.run("fr", "peer", "list", fr)

    for name, peer in (("fr", "ma"), ("ma", "fr")):
        pair.run(name, "pack", pair.data(name), peer, tmp_path / f"{name}.pack")
    told = pair.run("fr", "verify", tmp_path / "fr.pack", tmp_path / "ma.pack")
    assert "Both packs agree on fr/to/ma/epoch-2 up to 2 entries." in told
    assert "begins a new epoch" in told
