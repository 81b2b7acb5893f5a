"""Numbers of the dossiers of the story: computed from a name, so that both nodes know them."""

from __future__ import annotations

import hashlib

__all__ = ["case_of"]


def case_of(name: str) -> str:
    """Return the number of the dossier with a name of the story.

    Examples
    --------
    >>> case_of("reinforcement/ma")[:8]
    'e10c49cb'
    """
    return hashlib.sha256(f"passerelle/story/{name}".encode()).hexdigest()[:32]
