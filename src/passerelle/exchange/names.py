"""Names: nodes, offices, origins of logs, and how each is written.

An origin says who writes to whom and in which epoch: ``a.example/to/b.example/epoch-1``. Its hash
is the log id used in paths, file names and tables, because an origin has slashes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from passerelle.exchange.errors import FrameError

__all__ = ["Origin", "is_case", "is_hash", "is_node", "is_office", "log_id"]

_NODE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.ASCII)
_OFFICE: Final = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_ORIGIN: Final = re.compile(r"([a-z0-9.-]{1,64})/to/([a-z0-9.-]{1,64})/epoch-([1-9][0-9]{0,8})")
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CASE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def is_node(text: str) -> bool:
    """Tell whether ``text`` names a node."""
    return len(text) <= 64 and _NODE.fullmatch(text) is not None


def is_office(text: str) -> bool:
    """Tell whether ``text`` names an office."""
    return _OFFICE.fullmatch(text) is not None


def is_hash(text: str) -> bool:
    """Tell whether ``text`` is a SHA-256 in lower-case hexadecimal, as entry and log ids are."""
    return _HASH.fullmatch(text) is not None


def is_case(text: str) -> bool:
    """Tell whether ``text`` is a dossier id: 128 bits in lower-case hexadecimal."""
    return _CASE.fullmatch(text) is not None


def log_id(origin: str) -> str:
    """Return the id of a log: SHA-256 of its origin in lower-case hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Name one pair log.

    Parameters
    ----------
    writer
        Node that writes.
    reader
        Node that receives.
    epoch
        Counted from 1; a new one after a loss or a stolen key.
    """

    writer: str
    reader: str
    epoch: int = 1

    def __post_init__(self) -> None:
        if not is_node(self.writer) or not is_node(self.reader) or self.writer == self.reader:
            raise FrameError(
                "Expected two different node names, got {writer} and {reader}.",
                code="exchange.origin",
                writer=self.writer[:64],
                reader=self.reader[:64],
            )
        if not 1 <= self.epoch < 10**9:
            raise FrameError(
                "Expected an epoch from 1, got {epoch}.", code="exchange.origin", epoch=self.epoch
            )

    def __str__(self) -> str:
        return f"{self.writer}/to/{self.reader}/epoch-{self.epoch}"

    @property
    def log_id(self) -> str:
        """Id of the log."""
        return log_id(str(self))

    @property
    def reverse(self) -> Origin:
        """Name the log of the other direction, first epoch."""
        return Origin(self.reader, self.writer)

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read an origin.

        Raises
        ------
        FrameError
            When the text is no origin of a pair log.
        """
        match = _ORIGIN.fullmatch(text)
        if match is None:
            raise FrameError(
                "Expected an origin such as a.example/to/b.example/epoch-1.",
                code="exchange.origin",
            )
        return cls(match[1], match[2], int(match[3]))
