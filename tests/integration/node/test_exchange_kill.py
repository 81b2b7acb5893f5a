"""Kill two nodes before and after every commit point; many times, by ``tools/kill_exchange.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_applied_twice() -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}

    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tools" / "kill_exchange.py"),
            *("--times", "2", "--no-file", "--database", connection.vendor),
        ],
        env=kept,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
