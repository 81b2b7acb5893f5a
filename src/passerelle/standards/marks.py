"""Status and handling marks, which travel on every message and file that leaves.

Exercise and test marks choose queue, banner and statistics on the other side. A format that cannot
express the mark of a message does not carry that message (:class:`MarkError`); nothing is dropped
in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passerelle.kernel.labels import Labels
from passerelle.kernel.problems import RefusedError

__all__ = ["CLEAR", "STATUS_LABELS", "Handling", "MarkError", "Onward", "Status", "Tlp"]


class Status(StrEnum):
    """Whether a message is meant."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 (FIRST, 2022), strictest first."""

    RED = "RED"
    AMBER_STRICT = "AMBER+STRICT"
    AMBER = "AMBER"
    GREEN = "GREEN"
    CLEAR = "CLEAR"

    @property
    def strictness(self) -> int:
        """0 for CLEAR up to 4 for RED."""
        return len(Tlp) - 1 - list(Tlp).index(self)


class Onward(StrEnum):
    """Whether the receiver may pass a message on."""

    NONE = "none"
    CONSENT = "consent"
    FREE = "free"


STATUS_LABELS: Final = {
    Status.ACTUAL: Labels("réel", "actual", "فعلي"),
    Status.EXERCISE: Labels("EXERCICE", "EXERCISE", "تمرين"),
    Status.TEST: Labels("ESSAI", "TEST", "اختبار"),
}
"""The word shown beside everything that is not meant."""


class MarkError(RefusedError):
    """Say that a format cannot carry a mark, so that the message does not leave in it."""


_MARK = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .:/_+-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Handling:
    """State who may see a message and what they may do with it.

    Parameters
    ----------
    tlp
        Traffic Light Protocol mark.
    marks
        National or agency marks such as ``H2``, each at most 64 plain characters.
    releasable_to
        Nodes that may hold it; empty when the mark alone decides.
    onward
        Whether the receiver may pass it on.
    """

    tlp: Tlp
    marks: tuple[str, ...] = ()
    releasable_to: tuple[str, ...] = ()
    onward: Onward = Onward.CONSENT

    def __post_init__(self) -> None:
        for mark in (*self.marks, *self.releasable_to):
            if _MARK.fullmatch(mark) is None:
                raise ValueError(f"Expected a mark of 1 to 64 plain characters, got {mark!r}.")

    @property
    def is_private(self) -> bool:
        """Whether a shared calendar must hide the text: everything but CLEAR and GREEN."""
        return self.tlp.strictness > Tlp.GREEN.strictness


CLEAR: Final = Handling(tlp=Tlp.CLEAR, onward=Onward.FREE)
"""No restriction at all."""
