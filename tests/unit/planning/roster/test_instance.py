"""The fingerprint of an instance is that of its canonical form, whichever way it was written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.tiny import tiny_instance

from passerelle.kernel.canonical import digest
from passerelle.planning.roster.instance import Weights, _plain


@pytest.mark.parametrize("seed", range(6))
def test_fast_fingerprint_equals_the_canonical_one(seed: int) -> None:
    instance = tiny_instance(seed)

    assert instance.hash == digest(_plain(instance))


@pytest.mark.parametrize("weight", [0.1, 1e-7, 123456.75, 1e17, -0.0])
def test_unusual_numbers_keep_their_canonical_fingerprint(weight: float) -> None:
    instance = replace(tiny_instance(1), weights=Weights(1.0, abs(weight)), name="Étape é")

    assert instance.hash == digest(_plain(instance))
