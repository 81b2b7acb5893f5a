"""Check what no linter checks: locks without addresses, no private paths, documents in step.

Each check is a function that yields complaints, ``place: what was expected``. Run by ``make check``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))


def locks_name_no_address() -> Iterator[str]:
    """Expect locks of hashes only: no address, no index option, no direct reference."""
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        for number, line in enumerate(lock.read_text("utf-8").splitlines(), start=1):
            if "://" in line or line.startswith("--") or " @ " in line:
                yield f"{lock.name}:{number}: expected a name, a version and hashes, found {line!r}"


def no_file_is_too_long() -> Iterator[str]:
    """Expect source files under a thousand lines."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        if "migrations" not in path.parts and path.read_text("utf-8").count("\n") > 1000:
            yield f"{path.relative_to(ROOT)}: expected under 1,000 lines"


def nothing_names_this_machine() -> Iterator[str]:
    """Expect no absolute path of a developer's machine in any tracked text file."""
    pattern = re.compile(r"(?<!\w)/(?:work|root|home)/[a-z]")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".html", ".sh", ".json", ".csv"}
            and path.exists()
        ):
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
                if pattern.search(line) and "pattern = re.compile" not in line:
                    yield f"{name}:{number}: expected no path of a machine"


def every_command_is_documented() -> Iterator[str]:
    """Expect each command in the reference page of the command line."""
    from passerelle.cli.app import COMMANDS  # noqa: PLC0415 - after the path is set

    page = ROOT / "docs" / "reference" / "commands.md"
    text = page.read_text("utf-8") if page.exists() else ""
    for name in COMMANDS:
        if f"## {name}" not in text:
            yield f"docs/reference/commands.md: expected a section '## {name}'"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    locks_name_no_address,
    no_file_is_too_long,
    nothing_names_this_machine,
    every_command_is_documented,
)


def main() -> int:
    """Run all checks and print every complaint."""
    complaints = [complaint for check in CHECKS for complaint in check()]
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
