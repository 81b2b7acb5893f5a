"""Which coarse kind an act shows in its header, and who may say it here.

The header is readable by whoever carries it, so it says as little as the log needs: the procedure and
the name of the act are in the sealed body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.exchange.header import Kind
from passerelle.node.accounts.enums import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HOLDERS", "kind_of"]

_KINDS: Final[Mapping[str, Kind]] = {
    "request": Kind.REQUEST,
    "amend": Kind.REQUEST,
    "query": Kind.REQUEST,
    "offer": Kind.OFFER,
    "extend-offer": Kind.OFFER,
    "acknowledge": Kind.ACKNOWLEDGE,
    "accept": Kind.ACCEPT,
    "commit": Kind.COMMITMENT,
    "bind": Kind.COMMITMENT,
    "sign": Kind.COMMITMENT,
    "extend": Kind.EXTEND,
    "decline": Kind.REFUSE,
    "decline-all": Kind.REFUSE,
    "refuse": Kind.REFUSE,
    "refuse-offer": Kind.REFUSE,
    "withdraw": Kind.WITHDRAW,
    "withdraw-offer": Kind.WITHDRAW,
}

_R = Role
HOLDERS: Final[Mapping[str, frozenset[Role]]] = {
    # reinforcement, arrangement
    "directorate": frozenset({_R.COOPERATION, _R.APPROVER}),
    "focal-point": frozenset({_R.COOPERATION, _R.LIAISON}),
    "head-of-delegation": frozenset({_R.LEADER}),
    "security": frozenset({_R.COOPERATION, _R.APPROVER}),
    "arrival-desk": frozenset({_R.LIAISON, _R.PLANNER}),
    "planner": frozenset({_R.PLANNER}),
    "legal": frozenset({_R.APPROVER}),
    "signatory": frozenset({_R.APPROVER}),
    # information
    "requester": frozenset({_R.LIAISON, _R.ANALYST, _R.COMMANDER}),
    "provider": frozenset({_R.LIAISON, _R.ANALYST}),
}
"""Roles of this node that may speak in a role of a procedure; a role not listed may not be taken."""


def kind_of(act: str) -> Kind:
    """Return the coarse kind of an act; a report when it is none of the others."""
    return _KINDS.get(act, Kind.REPORT)
