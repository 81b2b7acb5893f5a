"""Strict JSON: one value has exactly one sequence of bytes (RFC 8785), and only that is read.

Limits are checked before any object is built: length, then nesting and number of keys by one scan
over the bytes outside strings. Numbers are integers within ±(2**53 - 1); there are no floats, no
duplicate keys, no lone surrogates, no byte order mark. The rule that closes every gap between two
readers is ``write(read(data)) == data``; anything else is unreadable.

What is left out: the number format of RFC 8785 for fractions, because nothing here has fractions.

References
----------
.. [1] RFC 8785, "JSON Canonicalization Scheme", section 3.2.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn, cast

import rfc8785

from passerelle.exchange.errors import FrameError, LimitError, LocalProtocolError

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json

__all__ = ["MAX_INTEGER", "Limits", "read", "read_object", "write"]

MAX_INTEGER: Final = 2**53 - 1
"""Largest magnitude of an integer that every reader holds exactly."""

_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BEYOND_BMP_ORDER: Final = re.compile("[\ue000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound one JSON document.

    Parameters
    ----------
    length
        Bytes at most.
    depth
        Nested objects and lists at most.
    keys
        Keys of all objects together at most.
    """

    length: int = 65_536
    depth: int = 16
    keys: int = 256


def write(value: Json) -> bytes:
    """Write ``value`` in the form of RFC 8785, integers only.

    Raises
    ------
    LocalProtocolError
        When the value holds a float, an integer beyond ±(2**53 - 1) or a lone surrogate.
    """
    _check(value)
    return _canonical(value)


def _canonical(value: Json) -> bytes:
    text = _ENCODER.encode(value)
    try:
        # Code point order and UTF-16 order of keys differ only above U+DFFF.
        if not text.isascii() and _BEYOND_BMP_ORDER.search(text):
            return rfc8785.dumps(value)
        return text.encode()
    except (UnicodeEncodeError, rfc8785.CanonicalizationError) as error:
        raise LocalProtocolError(
            "Expected text without lone surrogates.", code="exchange.json-surrogate"
        ) from error


def read(data: bytes, limits: Limits | None = None) -> Json:
    """Read canonical JSON and nothing else.

    Parameters
    ----------
    data
        The bytes as they arrived.
    limits
        Length, depth and number of keys; those of an entry header by default.

    Raises
    ------
    LimitError
        When a limit is passed; found before any object is built.
    FrameError
        When the bytes are not the canonical form of a permitted value.
    """
    limits = limits or Limits()
    if len(data) > limits.length:
        raise LimitError(
            "Expected at most {limit} bytes of JSON, got {length}.",
            code="exchange.json-length",
            limit=limits.length,
            length=len(data),
        )
    _scan(data, limits)
    try:
        value = _DECODER.decode(data.decode())
        canonical = _canonical(value)  # the decoder makes nothing that write() would refuse
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _unreadable("JSON") from error
    except LocalProtocolError as error:
        raise _unreadable("JSON without lone surrogates") from error
    if canonical != data:
        raise _unreadable("the canonical form of RFC 8785")
    return cast("Json", value)


def read_object(data: bytes, limits: Limits | None = None) -> dict[str, Json]:
    """Read canonical JSON whose outermost value is an object.

    Raises
    ------
    LimitError, FrameError
        As :func:`read`, and when the value is no object.
    """
    value = read(data, limits)
    if not isinstance(value, dict):
        raise _unreadable("an object")
    return value


def _scan(data: bytes, limits: Limits) -> None:
    if data.count(b":") <= limits.keys and data.count(b"[") + data.count(b"{") <= limits.depth:
        return  # too few even if none of them stands in a text
    marks = _STRING.sub(b"", data)
    if marks.count(b":") > limits.keys:
        raise LimitError(
            "Expected at most {limit} keys of JSON.",
            code="exchange.json-keys",
            limit=limits.keys,
        )
    if marks.count(b"[") + marks.count(b"{") <= limits.depth:
        return
    depth = 0
    for byte in marks:
        if byte in b"[{":
            depth += 1
            if depth > limits.depth:
                raise LimitError(
                    "Expected at most {limit} levels of JSON.",
                    code="exchange.json-depth",
                    limit=limits.depth,
                )
        elif byte in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _unreadable("keys without duplicates")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise _unreadable("integers within 2**53 - 1")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise _unreadable(f"integers only (found {text[:20]})")


def _unreadable(expected: str) -> FrameError:
    return FrameError("Expected {expected}.", code="exchange.json-unreadable", expected=expected)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
    parse_int=_integer,
)


_PLAIN: Final = frozenset({str, bool, type(None)})


def _check(value: Json) -> None:
    if isinstance(value, str) or value is None or value is True or value is False:
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise LocalProtocolError(
                "Expected integers within 2**53 - 1, got {value}.",
                code="exchange.json-integer",
                value=value,
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise LocalProtocolError("Expected text as keys.", code="exchange.json-key")
            if type(item) not in _PLAIN:  # most are: the call is saved
                _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            if type(item) not in _PLAIN:
                _check(item)
    else:
        raise LocalProtocolError(
            "Expected text, integers, booleans, null, lists and objects, got {kind}.",
            code="exchange.json-type",
            kind=type(value).__name__,
        )
