from __future__ import annotations

from passerelle.node.plans.certificates import read_certificate, write_certificate
from passerelle.planning.roster.result import Certificate, PriceSpan

SPANS = (PriceSpan(0, 60, 1.5), PriceSpan(60, 120, -0.25))


def test_a_certificate_is_the_same_after_the_database() -> None:
    certificate = Certificate(
        instance_hash="0" * 64,
        need={"STE/patrol": SPANS},
        escorts={"STE": SPANS},
        limits=((), SPANS),
        beds={("LYON", 3): 0.75},
        bound=99.5,
    )

    assert read_certificate(write_certificate(certificate)) == certificate
