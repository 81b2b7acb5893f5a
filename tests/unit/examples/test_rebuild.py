"""The examples are what their builders make of the public facts, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "facts"), [("paris-2024", "data/paris-2024"), ("euro-2024", "data")]
)
def test_an_example_can_be_rebuilt(
    project_root: Path, shared: Path, tmp_path: Path, name: str, facts: str
) -> None:
    script = project_root / f"tools/example_{name.replace('-', '_')}.py"

    subprocess.run(
        [sys.executable, str(script), str(shared / facts), str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=project_root,
        env={"PYTHONPATH": str(project_root / "src")},
    )

    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {file: (project_root / "examples" / name / file).read_bytes() for file in built}
    assert {"event.toml", "venues.csv", "sessions.csv", "territory.csv", "forces.csv"} <= set(built)
    assert [file for file in sorted(built) if built[file] != kept[file]] == []
