"""Copy the files of the vendor manifest out of their packages, fetched by the ordinary npm client."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "src/passerelle/desk/static/vendor"


def fetch(name: str, version: str, folder: Path) -> tarfile.TarFile:
    """Return the package ``name`` at ``version`` as npm packs it."""
    done = subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return tarfile.open(folder / done.stdout.strip().splitlines()[-1])


def without_source_map(data: bytes) -> bytes:
    """Drop the last line when it points to a source map, which we do not carry."""
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    return body + b"\n" if last.startswith(b"//# sourceMappingURL=") else data


def main() -> int:
    """Write every file; tell which differ from the manifest."""
    refresh = "--refresh" in sys.argv[1:]
    path = VENDOR / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for package in manifest["packages"]:
            archive = fetch(package["name"], package["version"], Path(folder))
            for entry in package["files"]:
                member = archive.extractfile(f"package/{entry['from']}")
                if member is None:
                    raise FileNotFoundError(f"{package['name']}: no file {entry['from']}")
                data = without_source_map(member.read())
                digest = hashlib.sha256(data).hexdigest()
                if digest != entry["sha256"] and not refresh:
                    print(f"{entry['to']}: expected sha256 {entry['sha256']}, got {digest}")
                    wrong += 1
                    continue
                entry["sha256"] = digest
                target = VENDOR / entry["to"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
    if refresh:
        path.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
