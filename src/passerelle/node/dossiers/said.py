"""The body of an act as it travels: procedure, definition, act, side, role, person, fields.

Outside bytes are read here and nowhere else: a body that does not have exactly this shape is no act.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["Said"]

_TEXTS: Final = ("procedure", "definition", "act", "side", "role", "person", "event")
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Said:
    """Hold the body of one act.

    Parameters
    ----------
    procedure, definition
        Name of the procedure, and digest of the definition that the author used.
    act, side, role
        What was said, for which side, in which role.
    person
        Reference of the official.
    payload
        Fields of the act.
    event
        Code of the event it serves; empty when it serves none.
    """

    procedure: str
    definition: str
    act: str
    side: str
    role: str
    person: str
    payload: Mapping[str, Json] = field(default_factory=dict)
    event: str = ""

    def to_body(self) -> Json:
        """Return the body as JSON."""
        return {
            "v": _VERSION,
            **{name: str(getattr(self, name)) for name in _TEXTS},
            "payload": dict(self.payload),
        }

    @classmethod
    def from_body(cls, body: Json) -> Self | None:
        """Read a body; ``None`` when it is anything but the body of an act."""
        if not isinstance(body, dict) or set(body) != {"v", "payload", *_TEXTS}:
            return None
        texts = {name: body[name] for name in _TEXTS}
        payload = body["payload"]
        if body["v"] != _VERSION or not isinstance(payload, dict):
            return None
        if not all(isinstance(text, str) and len(text) <= 160 for text in texts.values()):
            return None
        return cls(payload=payload, **texts)
