"""Compile the catalogues of translations at set-up, so that no gettext tool is needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import polib

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["compile_catalogues"]


def compile_catalogues(folder: Path) -> int:
    """Write ``django.mo`` beside each ``django.po`` that is newer; return how many were written."""
    written = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        new = target.with_suffix(f".mo.{os.getpid()}")  # two nodes may be set up at once
        polib.pofile(str(source)).save_as_mofile(str(new))
        new.replace(target)
        written += 1
    return written
