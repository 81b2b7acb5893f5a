"""Static files are gathered with their facts, also when a version before was gathered there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.test import override_settings

from passerelle.node.static import gather

if TYPE_CHECKING:
    from pathlib import Path


def test_gathering_again_describes_the_new_files_and_not_the_old_ones(tmp_path: Path) -> None:
    target = tmp_path / "static"
    with override_settings(STATIC_ROOT=target):
        gather(target)
        old = target / "desk" / "desk.0123456789ab.css"
        old.write_text("a file of the version before")
        (target / ".stamp").write_text("of the version before")

        assert gather(target)

    manifest = json.loads((target / "staticfiles.json").read_text())
    assert not old.exists()
    assert set(manifest["paths"].values()) <= set(manifest["stats"])
    assert "desk/desk.0123456789ab.css" not in manifest["stats"]
