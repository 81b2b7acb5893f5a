"""A partner is away for ten days and catches up; in full by ``tools/absence_exchange.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_every_act_of_ten_days_comes_exactly_once() -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}

    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tools" / "absence_exchange.py"),
            *("--acts", "1200", "--no-file", "--database", connection.vendor),
        ],
        env=kept,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
