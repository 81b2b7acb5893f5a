"""Choose which offers to accept: the best mix, alternatives, and what each offer is worth.

One call does it: ``choose_mix(instance, offers, params=None, plan=None) -> MixReport`` takes the
instance of what is already held, the offers and what counts; ``offers_of(event, need, force,
stages=...) -> (instance, offers)`` makes both from an event.
"""

from passerelle.planning.mix.values import (
    Accepted,
    Filled,
    Mix,
    MixName,
    MixParams,
    MixReport,
    Offer,
    OfferWorth,
    Sign,
    Uses,
)

__all__ = [
    "Accepted",
    "Filled",
    "Mix",
    "MixName",
    "MixParams",
    "MixReport",
    "Offer",
    "OfferWorth",
    "Sign",
    "Uses",
]
