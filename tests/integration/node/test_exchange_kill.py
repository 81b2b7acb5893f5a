"""Kill two nodes at commit points; all of them, many times, by ``tools/kill_exchange.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_applied_twice() -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}

    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "kill_exchange.py"), "--every", "3", "--no-file"],
        env=kept,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
