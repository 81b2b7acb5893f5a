"""Gather static files into the data folder under names that carry a hash of the content."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.staticfiles.finders import get_finders
from servestatic.storage import CompressedManifestStaticFilesStorage

from passerelle import __version__

if TYPE_CHECKING:
    import os

    from django.core.files.storage import Storage

__all__ = ["gather"]


class _Beside(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # the library is untyped
    """Gather beside the target: the facts about files in the manifest are those of this folder.

    The library reads them from ``STATIC_ROOT``, which still holds the files of the version before.
    """

    def stat_static_root(self) -> dict[str, os.stat_result]:
        """Return the facts about every file here, by path below the folder."""
        root = Path(self.location)
        return {
            str(path.relative_to(root)): path.stat()
            for path in root.rglob("*")
            if path.is_file() and path.name != self.manifest_name
        }


def gather(target: Path) -> bool:
    """Copy, hash and compress all static files; return whether anything had to be done.

    The files are made beside the target and moved there in one step: a server never sees half.
    """
    found = _found()
    wanted = _stamp(found)
    stamp = target / ".stamp"
    if stamp.is_file() and stamp.read_text("ascii") == wanted:
        return False
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    storage = _Beside(location=str(new), base_url="/static/")
    for path, (origin, name) in found.items():
        copy = new / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        with origin.open(name) as source, copy.open("wb") as sink:
            shutil.copyfileobj(source, sink)
    for _, _, outcome in storage.post_process({path: (storage, path) for path in found}):
        if isinstance(outcome, Exception):
            raise outcome
    (new / ".stamp").write_text(wanted, "ascii")
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
    return True


def _found() -> dict[str, tuple[Storage, str]]:
    found: dict[str, tuple[Storage, str]] = {}
    for finder in get_finders():
        for name, origin in finder.list([]):
            prefix = getattr(origin, "prefix", None)
            found.setdefault(f"{prefix}/{name}" if prefix else name, (origin, name))
    return found


def _stamp(found: dict[str, tuple[Storage, str]]) -> str:
    seen = hashlib.sha256(__version__.encode())
    for path, (origin, name) in sorted(found.items()):
        changed = origin.get_modified_time(name).timestamp()
        seen.update(f"{path}:{origin.size(name)}:{changed}\n".encode())
    return seen.hexdigest()
