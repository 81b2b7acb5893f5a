"""Look into every text of a payload for what no field may hold (S12, S15).

A closed schema stops unknown fields; it does not stop somebody from pasting a fingerprint template, a
picture or a file into a field of text. The forms looked for are public: the record headers of
ISO/IEC 19794 and of ANSI/NIST-ITL, WSQ and common image and document signatures, as they are, in
hexadecimal or in base64; data addresses; and any long run of base64 or hexadecimal that is no digest.

This finds carelessness and simple tricks. It cannot find what somebody encodes in plain words.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["find_forbidden", "texts_of"]

_HEADERS: Final[Mapping[bytes, str]] = {
    b"FMR\x00": "fingerprint-template",
    b"FIR\x00": "fingerprint-image",
    b"FAC\x00": "face-image",
    b"IIR\x00": "iris-image",
    b"VIR\x00": "vein-image",
    b"FTR\x00": "feature-template",
    b"\xff\xa0\xff": "wsq-image",
    b"NFIQ": "fingerprint-quality",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"RIFF": "media",
    b"\x00\x00\x00\x0cjP": "image",
    b"%PDF": "document",
    b"PK\x03\x04": "archive",
    b"\x1f\x8b\x08": "archive",
    b"{\\rtf": "document",
    b"\xd0\xcf\x11\xe0": "document",
}
_LATIN: Final = {head.decode("latin-1"): kind for head, kind in _HEADERS.items()}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX: Final = re.compile(r"(?:0x)?([0-9A-Fa-f]{16,})")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{40}")
_LONG_RUN: Final = 96
_NIST: Final = re.compile(r"(?:^|\x1c)\d{1,2}\.0?01:\d+\x1d")
_SAMPLE: Final = 4096


def find_forbidden(payload: Mapping[str, Json]) -> Refusal | None:
    """Return why a payload is refused, or ``None``.

    Parameters
    ----------
    payload
        Fields of an act.
    """
    for place, text in texts_of(payload):
        kind = _kind(text)
        if kind is not None:
            return Refusal("content.forbidden", {"place": place, "kind": kind})
    return None


def texts_of(value: Json, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a value with its place, keys included."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{place}.{key}".lstrip("."), key
            yield from texts_of(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from texts_of(inner, f"{place}[{number}]")


def _kind(text: str) -> str | None:
    if len(text) < 4 or _DIGEST.fullmatch(text):
        return None
    for head, kind in _LATIN.items():
        if text.startswith(head):
            return kind
    if len(text) < 8:
        return None
    if text[:5].lower() == "data:":
        return "data-address"
    if _NIST.search(text):
        return "biometric-record"
    return _encoded(text)


def _encoded(text: str) -> str | None:
    for run in _HEX.findall(text):
        if _DIGEST.fullmatch(run):
            continue
        found = _header(bytes.fromhex(run[: len(run) // 2 * 2][:_SAMPLE]))
        if found or len(run) > _LONG_RUN:
            return found or "long-hexadecimal"
    for run in _BASE64.findall(text):
        if _DIGEST.fullmatch(run):
            continue
        found = _header(_decode(run))
        if found or (len(run) > _LONG_RUN and "-" not in run):
            return found or "long-base64"
    return None


def _header(data: bytes) -> str | None:
    return next((kind for head, kind in _HEADERS.items() if data.startswith(head)), None)


def _decode(run: str) -> bytes:
    standard = run[:_SAMPLE].rstrip("=").replace("-", "+").replace("_", "/")
    usable = standard[: len(standard) // 4 * 4]
    try:
        return base64.b64decode(usable, validate=True)
    except (binascii.Error, ValueError):
        return b""
