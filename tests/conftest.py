"""Fixtures for every test: where the shared reading lies, and a closed network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of standards, benchmarks and data; skip when it is absent."""
    folder = Path(os.environ.get("PASSERELLE_SHARED", ROOT / ".." / "shared")).resolve()
    if not folder.is_dir():
        pytest.skip("the folder ../shared is absent (set PASSERELLE_SHARED)")
    return folder


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the root of the repository."""
    return ROOT
