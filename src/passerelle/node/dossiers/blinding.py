"""Take out of a dossier all that tells of a person, so that it can be counted.

What stays: acts, states, instants, codes, dates of documents and decisions. The person's reference becomes a
number that is the same in all files of this process and means nothing elsewhere: one person is counted once.
Of an envelope the corridor stays, and one such number for the particulars by which a person is told apart.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["blinded"]

_DROPPED: Final = frozenset(
    {
        "correction", "document", "grounds", "reason", "reasons", "born_on",
        "decision_reference", "place", "interpreter", "questions",
    }
)  # fmt: skip
_TOLD_APART: Final = ("names", "birth_date", "birth_place")
_SECRET: Final = secrets.token_bytes(32)


def blinded(dossier: Dossier) -> Dossier:
    """Return a dossier without what tells of the person.

    Parameters
    ----------
    dossier
        A dossier about a person, as folded.
    """
    return replace(
        dossier,
        steps=tuple(replace(step, act=_act(step.act)) for step in dossier.steps),
        refused=tuple(replace(one, act=_act(one.act)) for one in dossier.refused),
        waiting=tuple(_act(act) for act in dossier.waiting),
        signatures={},
    )


def _act(act: Act) -> Act:
    return replace(act, payload={name: _value(name, value) for name, value in _kept(act.payload)})


def _kept(payload: Mapping[str, Json]) -> list[tuple[str, Json]]:
    return [(name, value) for name, value in payload.items() if name not in _DROPPED]


def _value(name: str, value: Json) -> Json:
    if name == "person" and isinstance(value, str):
        return _number(value)
    if name == "envelope" and isinstance(value, dict):
        return _envelope(value)
    if isinstance(value, dict):
        return {key: _value(key, inner) for key, inner in _kept(value)}
    if isinstance(value, list | tuple):
        return [_value(name, inner) for inner in value]
    return value


def _envelope(record: Mapping[str, Json]) -> Json:
    told_apart = [str(record.get(name, "")) for name in _TOLD_APART]
    opaque: dict[str, Json] = dict.fromkeys(_TOLD_APART, "")
    return {
        **opaque,
        "corridor": record.get("corridor", ""),
        "names": _number("\0".join(told_apart)),
    }


def _number(text: str) -> str:
    return hmac.new(_SECRET, text.encode(), hashlib.sha256).hexdigest()[:16]
