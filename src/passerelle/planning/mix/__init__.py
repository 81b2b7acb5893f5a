"""Choose which offers to accept: the best mix, alternatives, and what each offer is worth.

One call does it: :func:`choose_mix` takes the instance of what is already held, the offers and what
counts, and returns a :class:`MixReport`. :func:`offers_of` makes instance and offers of an event.
"""

from passerelle.planning.mix.choose import choose_mix
from passerelle.planning.mix.offers import held_instance, offers_of
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
    "choose_mix",
    "held_instance",
    "offers_of",
]
