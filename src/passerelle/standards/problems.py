"""Errors of outside formats.

The tree below the kernel's roots::

    InputError
    └── FormatError             bytes or values that are not what the format says; all issues at once
    RefusedError
    ├── MarkError               (marks) a mark that the format cannot carry
    └── LossError               an export would lose something and nobody agreed to that
    UnavailableError
    └── SchemaFolderError       the configured folder of schemas is absent or not the published one
"""

from __future__ import annotations

from passerelle.kernel.problems import InputError, RefusedError, UnavailableError

__all__ = ["FormatError", "LossError", "SchemaFolderError"]


class FormatError(InputError):
    """Report everything that is wrong in a message or file of an outside format."""


class LossError(RefusedError):
    """Say what an export would lose, when nobody has agreed to lose it."""


class SchemaFolderError(UnavailableError):
    """Say that the schema folder lacks a file or holds another than the published one."""
