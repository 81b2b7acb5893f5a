"""Errors of the exchange: our own mistakes, and what the other side got wrong.

The tree::

    Problem
    ├── LocalProtocolError        we asked for something that the protocol does not allow
    └── RemoteProtocolError       what arrived is wrong; carries the answer that the wire gives
        ├── FrameError            bytes that are no frame, note, header or JSON        400
        ├── SignatureError        a line of the suite is missing or does not verify    403
        ├── LimitError            longer, deeper or more than agreed                   413
        └── InconsistentError     well formed and signed, and yet it does not add up   422

Input from outside can raise only the second branch. A refusal that a correct peer can meet
(a conflict of sizes, a quota) is a value of the machines, not an error.
"""

from __future__ import annotations

from passerelle.kernel.problems import Problem, RefusedError

__all__ = [
    "FrameError",
    "InconsistentError",
    "LimitError",
    "LocalProtocolError",
    "RemoteProtocolError",
    "SignatureError",
]


class LocalProtocolError(Problem):
    """Say that our own side asked for what the protocol does not allow."""


class RemoteProtocolError(RefusedError):
    """Say that what the other side sent is wrong; ``status`` is the answer on the wire."""

    status = 400


class FrameError(RemoteProtocolError):
    """Say that bytes cannot be read as what they claim to be."""


class SignatureError(RemoteProtocolError):
    """Say that a signature is missing, of an unknown key, or wrong."""

    status = 403


class LimitError(RemoteProtocolError):
    """Say that something is longer, deeper or more numerous than agreed."""

    status = 413


class InconsistentError(RemoteProtocolError):
    """Say that signed things contradict each other."""

    status = 422
