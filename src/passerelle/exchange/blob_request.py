"""Signed requests around attachments: begin an upload, ask for the chunk list, ask for a chunk.

Only the beginning of an upload and the fetching of what is offered are signed. A chunk needs no
signature: it is taken only when its hash stands in the list that a peer began with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import FrameError
from passerelle.exchange.note import LineKind, Note, Statement, sign_statement

if TYPE_CHECKING:
    from passerelle.exchange.suite import Signer

__all__ = ["BlobRequest"]

_TEXT: Final = re.compile(
    rb"passerelle/blob-(put|list|get)/v1\n([0-9a-f]{64})\n([0-9a-f]{64})\n"
    rb"number (0|[1-9][0-9]{0,15})\nnonce ([0-9a-f]{32})\ntime (0|[1-9][0-9]{0,15})\n"
)


@dataclass(frozen=True, slots=True)
class BlobRequest:
    """Ask something about one attachment.

    Parameters
    ----------
    kind
        ``put`` by the writer of the log, under its log keys; ``list`` and ``get`` by its reader,
        under its receipt keys.
    log
        Id of the log whose entry names the attachment.
    root
        The attachment.
    number
        ``put``: length of the ciphertext; ``get``: number of the chunk; ``list``: 0.
    nonce
        32 hexadecimal digits, never used twice.
    time
        Unix seconds.
    """

    kind: str
    log: str
    root: str
    number: int
    nonce: str
    time: int

    @property
    def text(self) -> bytes:
        """What is signed."""
        return self._statement().text

    def sign(self, name: str, signer: Signer) -> Note:
        """Sign with both log keys (put) or both receipt keys (list, get)."""
        return sign_statement(self._statement(), name, signer, self.line_kind)

    def _statement(self) -> Statement:
        return Statement(
            f"passerelle/blob-{self.kind}/v1",
            (
                self.log,
                self.root,
                f"number {self.number}",
                f"nonce {self.nonce}",
                f"time {self.time}",
            ),
        )

    @property
    def line_kind(self) -> LineKind:
        """Which keys of the asking node sign."""
        return LineKind.LOG if self.kind == "put" else LineKind.RECEIPT

    @classmethod
    def parse(cls, text: bytes) -> BlobRequest:
        """Read the text of a request.

        Raises
        ------
        FrameError
            When it is none.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise FrameError("Expected a request for an attachment.", code="exchange.request")
        kind, log, root, number, nonce, time = (part.decode() for part in match.groups())
        return cls(kind, log, root, int(number), nonce, int(time))
