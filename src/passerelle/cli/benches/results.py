"""Result files of benchmarks: what was measured, on which machine, with which versions."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passerelle import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["machine", "peak_memory_mb", "write_result"]

_PACKAGES: Final = ("numpy", "numba", "highspy", "django", "cryptography")


def machine() -> dict[str, object]:
    """Describe the machine and the versions that matter: cores, memory, load, Python, packages."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages * size / 2**30, 1),
        "load_1min": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "passerelle": __version__,
        "packages": {name: metadata.version(name) for name in _PACKAGES},
    }


def peak_memory_mb() -> int:
    """Return the largest resident size of this process so far, in MB of 2**20 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform != "darwin" else peak // 2**20


def write_result(name: str, data: Mapping[str, object], *, folder: Path | None = None) -> Path:
    """Write one result file and return its path.

    Parameters
    ----------
    name
        Name of the benchmark, for example ``plan`` or ``roster-13``; begins the file name.
    data
        What was measured; JSON values. Units stand in the names (``seconds``, ``_mb``, ``_ms``).
    folder
        Where to write; ``benchmarks/results`` beside the launcher by default.
    """
    now = datetime.now(UTC)
    root = Path(os.environ.get("PASSERELLE_ROOT", "."))
    folder = folder or root / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{now:%Y%m%dT%H%M%SZ}.json"
    record = {"benchmark": name, "at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "machine": machine(), **data}
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
