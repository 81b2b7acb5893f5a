"""Readers under input that finds its own way in; for hours by ``tools/fuzz_exchange.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_readers_answer_with_a_value_or_a_declared_error() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "fuzz_exchange.py"), "--seconds", "1", "--no-file"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
