"""Keep a certificate of a bound in a file, so that anybody may check it later.

The file is JSON: the claim, the hash of the instance, the sums as lists of cells, the leaves with
their limits and prices. Infinite limits are null.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.roster.named.bounds import Certificate
from passerelle.planning.roster.named.branch import Fixing, Leaf
from passerelle.planning.roster.named.master import Sum

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.roster.named.instance import DayGrid

__all__ = ["read_certificate", "write_certificate"]


def write_certificate(path: Path, grid: DayGrid, certificate: Certificate) -> None:
    """Write a certificate.

    Parameters
    ----------
    path
        File to write.
    grid
        The instance that it speaks of.
    certificate
        Claim and prices.
    """
    data = {
        "instance": grid.name,
        "instance_hash": grid.digest,
        "bound": certificate.bound,
        "sums": [
            {
                "label": one.label,
                "is_surplus": one.is_surplus,
                "cells": np.argwhere(one.cells).tolist(),
            }
            for one in certificate.sums
        ],
        "leaves": [
            {
                "bound": _finite(leaf.bound),
                "limits": [[k, _finite(low), _finite(high)] for k, low, high in leaf.limits],
                "prices": None if leaf.prices is None else leaf.prices.tolist(),
                "sums": None if leaf.sums is None else leaf.sums.tolist(),
                "fixings": [[f.person, f.day, list(f.types), f.works] for f in leaf.fixings],
            }
            for leaf in certificate.leaves
        ],
    }
    path.write_text(json.dumps(data), encoding="utf-8")


def read_certificate(path: Path, grid: DayGrid) -> Certificate:
    """Read a certificate and refuse one of another instance.

    Parameters
    ----------
    path
        File to read.
    grid
        The instance that it must speak of.

    Returns
    -------
    Certificate
        As written.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["instance_hash"] != grid.digest:
            expected = f"a certificate of {grid.name}"
            raise _refused(path, "roster.other-instance", expected, str(data["instance"]))
        sums = tuple(_sum(one, grid) for one in data["sums"])
        leaves = tuple(_leaf(one) for one in data["leaves"])
        return Certificate(float(data["bound"]), leaves, sums)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _refused(path, "roster.no-certificate", "a certificate", str(error)) from error


def _refused(path: Path, code: str, expected: str, found: str) -> InputError:
    return InputError([Issue(path.name, 0, "", code, expected, found[:80])])


def _finite(value: float) -> float | None:
    return None if math.isinf(value) else float(value)


def _sum(data: dict[str, Any], grid: DayGrid) -> Sum:
    cells = np.zeros(grid.need.shape, dtype=np.bool_)
    for day, kind in data["cells"]:
        cells[day, kind] = True
    return Sum(str(data["label"]), bool(data["is_surplus"]), cells)


def _leaf(data: dict[str, Any]) -> Leaf:
    limits = tuple(
        (
            int(k),
            -math.inf if low is None else float(low),
            math.inf if high is None else float(high),
        )
        for k, low, high in data["limits"]
    )
    prices = None if data["prices"] is None else np.array(data["prices"], dtype=np.float64)
    sums = None if data["sums"] is None else np.array(data["sums"], dtype=np.float64)
    # Certificates written before persons were split have none.
    fixings = tuple(
        Fixing(int(person), int(day), tuple(map(int, types)), bool(works))
        for person, day, types, works in data.get("fixings", ())
    )
    bound = math.inf if data["bound"] is None else float(data["bound"])
    return Leaf(bound, limits, prices, sums, fixings)
