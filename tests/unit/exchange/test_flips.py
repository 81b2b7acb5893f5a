"""Flipped bytes of a pack, also with the list of files mended; in full by ``tools/flip_pack.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_no_flip_is_believed_even_when_the_list_of_files_is_mended() -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tools" / "flip_pack.py"),
            *("--entries", "40", "--every", "600", "--mended", "200", "--no-file"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
