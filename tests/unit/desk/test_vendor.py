"""What others wrote lies here as the manifest says, and nothing else does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[3] / "src/passerelle/desk/static/vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
ENTRIES = {e["to"]: e["sha256"] for package in MANIFEST["packages"] for e in package["files"]}


def test_every_file_has_the_digest_of_the_manifest() -> None:
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == ENTRIES


def test_every_package_names_version_licence_and_carries_its_text() -> None:
    for package in MANIFEST["packages"]:
        assert package["name"]
        assert package["version"]
        assert package["licence"]
        assert any(entry["from"] == "LICENSE" for entry in package["files"])
