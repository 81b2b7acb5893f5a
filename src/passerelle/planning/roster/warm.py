"""Have the compiled loops ready before the clock of a solve starts.

Loops are compiled once on a machine and kept in a cache (beside the modules when that folder may be
written, else in the cache folder of the user, else where ``NUMBA_CACHE_DIR`` says); a later process
loads them. Both cost seconds that belong to nobody's time limit. Two small solves with a limit of steps,
not of time, touch every loop; a mark in the cache, named after sources, compiler and processor,
remembers that nothing has to be compiled here any more. A loop that calls one of another module keeps what
that was when it was compiled, and the cache looks at its own module only: so when any source has
changed, all loops are compiled anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Limit, Shifts
from passerelle.planning.roster.rules import HoursWindow, Rules
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["forget", "is_compiled", "warm"]

_DAY: Final = 1440
_SOURCES: Final = (
    "_climb_kernels.py",
    "_flow_kernels.py",
    "_kernels.py",
    "_moves.py",
    "_spread_kernels.py",
)
_MANY: Final = 600
"""Crews from which the engine plans in shares."""


def is_compiled() -> bool:
    """Tell whether every loop is in the cache of this machine."""
    mark = _mark()
    return mark is not None and mark.exists()


def warm(tell: Callable[[], None] | None = None) -> float:
    """Compile the loops of the event engine, or load them.

    Parameters
    ----------
    tell
        Called once before the work when something has to be compiled.

    Returns
    -------
    float
        Seconds that it took.
    """
    begun = time.monotonic()
    if is_compiled():
        _touch_all()
        return time.monotonic() - begun
    if tell is not None:
        tell()
    mark = _mark()
    with _alone(mark):
        if mark is not None and not mark.exists():
            with contextlib.suppress(OSError):  # a cache that cannot be written is no harm
                forget(mark.parent)
        _touch_all()
        if mark is not None:
            with contextlib.suppress(OSError):
                mark.touch()
    return time.monotonic() - begun


def forget(folder: Path) -> None:
    """Remove what loops of other sources have left in a cache, their marks too."""
    for name in (*(f"{Path(source).stem}.*.nb?" for source in _SOURCES), "passerelle-*.compiled"):
        for path in folder.glob(name):
            path.unlink(missing_ok=True)


def _touch_all() -> None:
    """Run every loop once, with the types that a solve uses."""
    params = SolveParams(threads=1, rounds=4, climbs=3, chunks=4, visits=40)
    for crews in (3, _MANY):
        solve(_example(crews), Stop(iterations=40), params=params)


@contextlib.contextmanager
def _alone(mark: Path | None) -> Iterator[None]:
    """Let one process compile while others wait for what it leaves in the cache."""
    try:
        lock = None if mark is None else mark.with_suffix(".lock").open("w", encoding="utf-8")
    except OSError:
        lock = None
    if lock is None:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mark() -> Path | None:
    """Return the file that says that this machine has compiled these sources."""
    import llvmlite.binding  # noqa: PLC0415 - slow import

    from passerelle.planning.roster.engine import _kernels  # noqa: PLC0415 - slow import

    stats = getattr(_kernels.best_line, "stats", None)
    if stats is None or stats.cache_path is None:  # compiled code is switched off
        return None
    digest = sha256()
    folder = Path(_kernels.__file__).parent
    for name in _SOURCES:
        digest.update((folder / name).read_bytes())
        digest.update(str((folder / name).stat().st_mtime_ns).encode())
    digest.update(metadata.version("numba").encode())
    digest.update(llvmlite.binding.get_host_cpu_name().encode())
    return Path(stats.cache_path) / f"passerelle-{digest.hexdigest()[:16]}.compiled"


def _example(crews: int) -> Instance:
    """Return three days that use every rule: travel, escorts, beds, caps, overlays, hours, nights."""
    need = [
        (site, "patrol", day * _DAY + start, day * _DAY + start + 480, max(2, crews // 3))
        for site in ("A", "B")
        for day in range(3)
        for start in (480, 960)
    ]
    cells = [
        Cell(site, skill, a, b, n // 2, n, n, 100.0, 10.0, 0.5) for site, skill, a, b, n in need
    ]
    cells += [Cell("A", "lang:ar", a, b, 0, 1, 1, 8.0, 8.0) for s, _, a, b, _ in need if s == "A"]
    marks = tuple(sorted({edge for _, _, a, b, _ in need for edge in (a, b)}))
    shifts = tuple(Shifts(site, c, marks, 240, 720) for site in "AB" for c in ("patrol", "escort"))
    strict = Rules(
        run_least=2, run_days=3, run_span_min=3000, run_nights=1, nights=2,
        hours=(HoursWindow(0, 3 * _DAY, 1500),),
    )  # fmt: skip
    whole = ((0, 3 * _DAY),)
    half = max(1, crews // 2)
    beds = (4 * crews,) * 3
    return Instance(
        name="warm",
        start=datetime(2024, 1, 1, tzinfo=UTC),
        days=3,
        step_min=60,
        bases=(Base("near", {"A": 0, "B": 60}, beds), Base("far", {"A": 60})),
        groups=(
            Group("host", "H", ("patrol", "escort"), half, 2, "near", whole),
            Group("strict", "H", ("patrol",), half, 2, "near", whole, rules=strict),
            Group("guest", "P", ("patrol",), half, 2, "far", whole, ("lang:ar",), crews_per_escort=2),
        ),
        cells=tuple(cells),
        shifts=shifts,
        limits=(Limit("A", "P", 0, 3 * _DAY, max(1, crews // 4)),),
    )  # fmt: skip


if __name__ == "__main__":
    # Not niced: a solve that waits for the lock would starve behind it on a busy machine.
    warm()
