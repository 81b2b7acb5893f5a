"""Exercise nodes: marked for ever, moved by a clock of their own, apart from real nodes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.simulators.node_shell import NodeShell

from passerelle.exchange.trust import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

CODE = "story:00112233445566ff"
START = "2024-01-15T09:00:00Z"


def make(folder: Path, name: str, *words: str) -> tuple[NodeShell, Path]:
    """Make a node and return a shell that runs commands in it."""
    shell = NodeShell(dict(os.environ))
    code, text = shell.run("init", folder / name, "--name", name, "--state", name.upper(), *words)
    assert code == 0, text
    return shell, folder / name


def introduce(shell: NodeShell, own: Path, name: str, other: Path) -> tuple[int, str]:
    """Let one node pin another and take its card."""
    trust = other / "exchange" / "trust"
    root = trust / "1.root.json"
    words = ["--root", root, "--fingerprint", fingerprint(root.read_bytes())]
    return shell.run("peer", "add", own, name, *words, "--trust", trust)


@pytest.mark.slow
def test_an_exercise_is_joined_by_its_code_and_never_by_a_real_node(tmp_path: Path) -> None:
    words = ("--exercise", CODE, "--starts", START)
    fr, fr_data = make(tmp_path, "fr", *words)
    ma, ma_data = make(tmp_path, "ma", *words)
    real, real_data = make(tmp_path, "de")
    other, other_data = make(tmp_path, "es", "--exercise", "other", "--starts", START)

    _, shown = fr.run("exercise", "show", fr_data)
    joined, _ = introduce(ma, ma_data, "fr", fr_data)
    refused_by_real, _ = introduce(real, real_data, "fr", fr_data)
    refused_by_other, reason = introduce(other, other_data, "fr", fr_data)
    real_clock, real_reason = real.run("exercise", "tick", "2024-04-22T09:00:00Z", real_data)
    moved, at = fr.run("exercise", "tick", "2024-04-22T09:00:00Z", fr_data)
    back, stays = fr.run("exercise", "tick", "2024-03-01T09:00:00Z", fr_data)
    for shell in (fr, ma, real, other):
        shell.close()

    assert shown.strip() == f"{CODE} {START}"
    assert joined == 0
    assert refused_by_real == 3
    assert (refused_by_other, "[exchange.exercise]" in reason) == (3, True)
    assert (real_clock, "[exercise.real-node]" in real_reason) == (3, True)
    assert (moved, at.split(": ")[1].split()[0].strip()) == (0, "2024-04-22T09:00:00Z")
    assert (back, stays.split(": ")[1].split()[0].strip()) == (0, "2024-04-22T09:00:00Z")


@pytest.mark.slow
def test_a_node_is_not_switched_by_its_settings(tmp_path: Path) -> None:
    shell, data = make(tmp_path, "fr")
    with (data / "passerelle.toml").open("a", encoding="utf-8") as file:
        file.write(f'exercise = "{CODE}"\n')

    shell.close()

    again = NodeShell(dict(os.environ))
    code, text = again.run("dossier", "list", "--node", data)
    again.close()

    assert (code, "[exercise.switched]" in text) == (3, True)
