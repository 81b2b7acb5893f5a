"""Faults that only real processes show: a second server, a killed worker, an interrupted solve."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.factories.node import write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def new_node(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """Make a node once; the tests work on copies."""
    folder = tmp_path_factory.mktemp("made") / "node"
    subprocess.run(
        [sys.executable, "-m", "passerelle.cli", "init", str(folder)],
        env=_environment(project_root),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def run(
    tmp_path: Path, project_root: Path, new_node: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    shutil.copytree(new_node, tmp_path / "node")
    environment = _environment(project_root) | {"PASSERELLE_DATA": str(tmp_path / "node")}
    started = []

    def start(*words: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-m", "passerelle.cli", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate(timeout=20)


def _environment(project_root: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    return kept | {
        "PYTHONPATH": str(project_root / "src"),
        "PASSERELLE_ROOT": str(project_root),
        "PASSERELLE_LEASE_SECONDS": "5",
    }


def _answer(address: str, seconds: float = 40) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.2)
    return 0


def _done(child: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str, str]:
    out, err = child.communicate(timeout=seconds)
    return child.returncode, out, err


def test_a_second_server_on_the_same_data_is_refused(
    run: Callable[..., subprocess.Popen[str]], port: int
) -> None:
    server = run("serve", "--port", str(port))
    assert _answer(f"http://127.0.0.1:{port}/health") == 200

    code, _, words = _done(run("serve", "--port", str(port + 1)))
    server.send_signal(signal.SIGINT)

    assert (code, "node.already-served" in words) == (5, True)
    assert _done(server)[0] in {0, 130}


def test_a_crashed_server_frees_the_folder(
    run: Callable[..., subprocess.Popen[str]], port: int
) -> None:
    server = run("serve", "--port", str(port))
    assert _answer(f"http://127.0.0.1:{port}/health") == 200
    server.kill()
    server.communicate(timeout=10)  # returns only when no process of it holds the pipe any more

    run("serve", "--port", str(port + 1))

    assert _answer(f"http://127.0.0.1:{port + 1}/health") == 200


def test_a_node_is_not_made_twice(run: Callable[..., subprocess.Popen[str]]) -> None:
    code, _, words = _done(run("init"))

    assert (code, "node.exists" in words) == (3, True)


def test_a_wrong_folder_ends_with_the_code_for_input(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path)
    (folder / "sessions.csv").write_text("session_id,venue_id\nF1,NOWHERE\n", "utf-8")

    code, _, words = _done(run("import", str(folder)))

    assert (code, "sessions.csv" in words, "nothing was taken in" in words) == (4, True, True)


def test_doctor_finds_a_new_node_well(run: Callable[..., subprocess.Popen[str]]) -> None:

    code, out, _ = _done(run("doctor"))

    assert (code, "BAD" in out, "sqlite.synchronous" in out) == (0, False, True)


def test_doctor_finds_a_forged_audit_entry(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    _done(run("import", str(write_folder(tmp_path))))
    with sqlite3.connect(tmp_path / "node" / "passerelle.sqlite3") as database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        database.execute("UPDATE audit_auditentry SET actor = 'nobody' WHERE number = 1")

    code, out, _ = _done(run("doctor"))

    assert (code, "broken at entry 1" in out) == (5, True)
