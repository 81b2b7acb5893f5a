"""Write the reference pages of the procedures from the definitions. With --check, only compare."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from passerelle.procedures.documents import definition_page, index_page  # noqa: E402
from passerelle.procedures.loading import DEFINITIONS, definition  # noqa: E402


def pages() -> dict[Path, str]:
    """Return the text of every generated page by its path."""
    folder = ROOT / "docs" / "reference" / "procedures"
    found = {name: definition(name) for name in DEFINITIONS}
    texts = {folder / "index.md": index_page(found)}
    texts |= {folder / f"{name}.md": definition_page(one) for name, one in found.items()}
    return texts


def main() -> int:
    """Write the pages, or say which are out of step."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in stale:
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
