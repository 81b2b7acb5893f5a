"""Write the public page of the safeguards from the catalogue and the last removal run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from passerelle.procedures.safeguards import safeguard_page  # noqa: E402


def main() -> int:
    """Write the page."""
    results = ROOT / "benchmarks" / "results" / "safeguards-red.json"
    red = json.loads(results.read_text("utf-8")) if results.exists() else {}
    page = ROOT / "docs" / "reference" / "safeguards.md"
    page.write_text(safeguard_page(red), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
