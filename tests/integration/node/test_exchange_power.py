"""Cut the power at any write; ten thousand times by ``tools/power_loss_exchange.py``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from passerelle.node.exchange.keystore import KeyStore

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_nothing_answered_for_is_lost_when_the_power_is_cut() -> None:
    if connection.vendor != "sqlite" or not shutil.which("strace"):
        pytest.skip("needs SQLite and strace")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}

    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tools" / "power_loss_exchange.py"),
            *("--trials", "400", "--rounds", "3", "--no-file"),
        ],
        env=kept,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_file_of_keys_never_removes_its_journal(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "dossiers.sqlite3", bytes(32), os.urandom)

    with keys._open() as database:
        found = [
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete")
        ]

    assert found == ["truncate", 2, 1]
