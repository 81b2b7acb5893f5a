"""Flipped bytes of a pack, also with the list of files mended; in full by ``tools/flip_pack.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "options",
    [
        ("--every-kind", "--every", "401", "--bits", "8"),
        ("--every-kind", "--every", "97", "--mended"),
        ("--entries", "200", "--every", "601"),
    ],
    ids=["every kind of record", "list mended", "200 entries"],
)
def test_no_flip_of_a_pack_is_believed(options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "flip_pack.py"), *options, "--no-file"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
