"""Dossiers with a partner that has no node: both voices stand in our own log, and say so.

Such a partner answers by mail. What it wrote is said here on its behalf by a named office; the act names
who entered it and the hash of the file it came from, because the partner has signed nothing. The acts of
both sides stand in the national log, whose one order is the order of the dossier; nothing leaves, and no
receipt will ever come. The name of the peer ends in ``.paper``, which no node's does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.procedures.values import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.node.dossiers.said import Said
    from passerelle.node.national.queries import Opened

__all__ = ["ON_PAPER", "PROXY", "SUFFIX", "is_paper", "paper_acts", "proxy_of"]

SUFFIX: Final = ".paper"
"""How the peer of a corridor is named that has no node: ``es.paper``."""
ON_PAPER: Final = "/on-paper"
"""How the origin of an act ends that stands in our own log only."""
PROXY: Final = "proxy:"
"""Before the person of an act that was entered on the partner's behalf."""


def is_paper(peer: str) -> bool:
    """Tell whether a peer has no node."""
    return peer.endswith(SUFFIX)


def proxy_of(person: str) -> str:
    """Return who entered an act on the partner's behalf; empty when its own side said it."""
    return person.removeprefix(PROXY) if person.startswith(PROXY) else ""


def paper_acts(found: Iterable[tuple[Opened, Said]]) -> list[Act]:
    """Turn entries of the national log, in its order, into acts of two sides in that same order.

    Each side's acts are counted as if they stood in a log of their own, and each has seen all that
    stands before it, so that the common order is the order in which they were entered.
    """
    counts: dict[str, int] = {}
    acts = []
    for one, said in found:
        index = counts.get(said.side, 0)
        counts[said.side] = index + 1
        acts.append(
            Act(
                id=one.entry_id,
                name=said.act,
                side=said.side,
                role=said.role,
                issued=one.issued,
                payload=said.payload,
                person=said.person,
                received=one.issued,
                re=one.re,
                definition=said.definition,
                origin=f"{said.side}{ON_PAPER}",
                index=index,
                seen=sum(n for side, n in counts.items() if side != said.side),
            )
        )
    return acts
