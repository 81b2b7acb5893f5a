"""Columns of numbers and texts packed into bytes for the database, and back.

The bytes are an uncompressed ``.npz`` (never pickled) inside zlib: numbers of one kind next to one
another compress well, and decoding a Paris-sized plan takes milliseconds.
"""

from __future__ import annotations

import io
import json
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Columns", "pack_columns", "unpack_columns"]

Columns: TypeAlias = "Mapping[str, NDArray[Any]]"  # Any: each column has its own kind


def pack_columns(columns: Columns, texts: object) -> bytes:
    """Pack arrays by name, and one JSON value with the texts beside them."""
    sink = io.BytesIO()
    note = np.frombuffer(json.dumps(texts, ensure_ascii=False).encode("utf-8"), dtype=np.uint8)
    np.savez(sink, allow_pickle=False, **{**columns, "_texts": note})
    return zlib.compress(sink.getvalue(), level=6)


def unpack_columns(packed: bytes) -> tuple[dict[str, NDArray[Any]], Any]:  # Any: JSON
    """Return the arrays (read-only) and the JSON value that :func:`pack_columns` was given."""
    with np.load(io.BytesIO(zlib.decompress(bytes(packed))), allow_pickle=False) as archive:
        columns = {name: archive[name] for name in archive.files}
    texts = json.loads(columns.pop("_texts").tobytes().decode("utf-8"))
    for column in columns.values():
        column.setflags(write=False)
    return columns, texts
