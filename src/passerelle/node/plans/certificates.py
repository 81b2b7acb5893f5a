"""The prices that prove a bound, packed for the database and back."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from passerelle.planning.roster.result import Certificate, PriceSpan

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["read_certificate", "write_certificate"]


def write_certificate(certificate: Certificate) -> bytes:
    """Pack a certificate."""
    value = {
        "instance": certificate.instance_hash,
        "need": [[track, _write(spans)] for track, spans in certificate.need.items()],
        "escorts": [[site, _write(spans)] for site, spans in certificate.escorts.items()],
        "limits": [_write(spans) for spans in certificate.limits],
        "beds": [[*key, price] for key, price in certificate.beds.items()],
        "bound": certificate.bound,
    }
    return zlib.compress(json.dumps(value).encode("utf-8"))


def read_certificate(packed: bytes) -> Certificate:
    """Return the certificate that :func:`write_certificate` was given."""
    value = json.loads(zlib.decompress(packed))
    return Certificate(
        instance_hash=value["instance"],
        need={track: _read(spans) for track, spans in value["need"]},
        escorts={site: _read(spans) for site, spans in value["escorts"]},
        limits=tuple(_read(spans) for spans in value["limits"]),
        beds={(base, night): price for base, night, price in value["beds"]},
        bound=value["bound"],
    )


def _write(spans: Iterable[PriceSpan]) -> list[list[float]]:
    return [[span.start_min, span.end_min, span.price] for span in spans]


def _read(spans: list[list[float]]) -> tuple[PriceSpan, ...]:
    return tuple(PriceSpan(int(start), int(end), price) for start, end, price in spans)
