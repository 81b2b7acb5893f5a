"""Which coarse kind an act shows in its header, who may say it here, and who may see its part.

The header is readable by whoever carries it, so it says as little as the log needs: the procedure and
the name of the act are in the sealed body.

Procedures belong to parts with walls between them (S21): whoever works in one part sees nothing of
another. A role of a procedure is held by roles of this node; what no row names nobody may say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.exchange.header import Kind
from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.rules import ALLOWED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PARTS",
    "holders",
    "is_by_file",
    "is_sheltered",
    "kind_of",
    "office_of",
    "procedures_of",
    "sheltered_kind",
]

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
    "erase": Kind.NOTICE_ERASURE,
    "erase-partner": Kind.NOTICE_ERASURE,
}

PARTS: Final[Mapping[str, Action]] = {
    "reinforcement": Action.VIEW_DOSSIERS,
    "arrangement": Action.VIEW_DOSSIERS,
    "information": Action.VIEW_INFORMATION,
    "cyber-report": Action.VIEW_INFORMATION,
    "commitment": Action.VIEW_REGISTER,
    "meeting": Action.VIEW_REGISTER,
    "statistics-release": Action.VIEW_REGISTER,
    "judicial": Action.VIEW_JUDICIAL,
    "identification": Action.VIEW_CASES,
    "travel-document": Action.VIEW_CASES,
    "joint-interview": Action.VIEW_CASES,
    "rights-request": Action.VIEW_RIGHTS,
}
"""What a person must be allowed to do to see dossiers of a procedure."""

_OFFICES: Final[Mapping[Action, str]] = {
    Action.VIEW_CASES: "identification",
    Action.VIEW_RIGHTS: "identification",
    Action.VIEW_JUDICIAL: "judicial",
}

_R = Role
_OFFICE: Final = frozenset({_R.COOPERATION, _R.SECRETARY})
_DESK: Final = frozenset({_R.LIAISON, _R.ANALYST, _R.COMMANDER})
_HOLDERS: Final[Mapping[str, Mapping[str, frozenset[Role]]]] = {
    "reinforcement": {
        "directorate": frozenset({_R.COOPERATION, _R.APPROVER}),
        "focal-point": frozenset({_R.COOPERATION, _R.LIAISON}),
        "head-of-delegation": frozenset({_R.LEADER}),
        "security": frozenset({_R.COOPERATION, _R.APPROVER}),
        "arrival-desk": frozenset({_R.LIAISON, _R.PLANNER}),
        "planner": frozenset({_R.PLANNER}),
    },
    "arrangement": {
        "directorate": frozenset({_R.COOPERATION, _R.APPROVER}),
        "focal-point": frozenset({_R.COOPERATION, _R.LIAISON}),
        "legal": frozenset({_R.APPROVER}),
        "signatory": frozenset({_R.APPROVER}),
    },
    "information": {
        "asker": _DESK,
        "answerer": _DESK,
        "originator": _DESK,
    },
    "cyber-report": {
        "analyst": frozenset({_R.ANALYST}),
        "receiver": frozenset({_R.ANALYST, _R.LIAISON}),
    },
    "commitment": {
        "lead": _OFFICE,
        "signatory": frozenset({_R.APPROVER}),
        "assessor": frozenset({_R.AUDITOR}),
    },
    "meeting": {
        "secretary": frozenset({_R.SECRETARY}),
        "co-chair": frozenset({_R.COOPERATION, _R.APPROVER}),
    },
    "statistics-release": {
        "statistician": frozenset({_R.SECRETARY}),
        "approver": frozenset({_R.APPROVER}),
    },
    "judicial": {
        "issuing-authority": frozenset({_R.JUDGE}),
        "central-authority": frozenset({_R.CENTRAL}),
        "requested-central": frozenset({_R.CENTRAL}),
        "requested-judge": frozenset({_R.JUDGE}),
        "consulting": frozenset({_R.JUDGE, _R.CENTRAL}),
    },
    "identification": {
        "case-officer": frozenset({_R.CASE_OFFICER}),
        "safeguard-officer": frozenset({_R.SAFEGUARD}),
        "approver": frozenset({_R.APPROVER}),
        "court": frozenset({_R.COURT}),
        "counsel": frozenset({_R.COUNSEL}),
        "dpo": frozenset({_R.DATA_PROTECTION}),
        "monitor": frozenset({_R.MONITOR}),
        "consulate": frozenset({_R.CONSULATE}),
        "central-authority": frozenset({_R.CONSULATE}),
    },
    "travel-document": {
        "case-officer": frozenset({_R.CASE_OFFICER}),
        "safeguard-officer": frozenset({_R.SAFEGUARD}),
        "approver": frozenset({_R.APPROVER}),
        "court": frozenset({_R.COURT}),
        "counsel": frozenset({_R.COUNSEL}),
        "monitor": frozenset({_R.MONITOR}),
        "consulate": frozenset({_R.CONSULATE}),
    },
    "joint-interview": {
        "case-officer": frozenset({_R.CASE_OFFICER}),
        "safeguard-officer": frozenset({_R.SAFEGUARD}),
        "court": frozenset({_R.COURT}),
        "counsel": frozenset({_R.COUNSEL}),
        "consulate": frozenset({_R.CONSULATE}),
        "interview-official": frozenset({_R.CASE_OFFICER, _R.CONSULATE}),
    },
    "rights-request": {
        "person": frozenset({_R.COUNSEL}),
        "rights-desk": frozenset({_R.DATA_PROTECTION}),
        "dpo": frozenset({_R.DATA_PROTECTION}),
        "partner-desk": frozenset({_R.DATA_PROTECTION}),
    },
}


def holders(procedure: str, role: str) -> frozenset[Role]:
    """Return the roles of this node that may speak in a role of a procedure; none when unlisted.

    The timer is nobody's role: what it says follows from a date.
    """
    return _HOLDERS.get(procedure, {}).get(role, frozenset())


def procedures_of(roles: frozenset[Role] | None) -> frozenset[str]:
    """Return the procedures of which these roles see dossiers; all for the command line."""
    if roles is None:
        return frozenset(PARTS)
    return frozenset(name for name, need in PARTS.items() if not ALLOWED[need].isdisjoint(roles))


def is_sheltered(procedure: str) -> bool:
    """Tell whether a procedure has a part with keys of its own, and the national log.

    So have procedures about persons, and the tracker of judicial requests.
    """
    return PARTS.get(procedure) in _OFFICES


def is_by_file(procedure: str) -> bool:
    """Tell whether each dossier is opened by its designated officials only, each reading logged.

    So are dossiers about persons; the judicial tracker holds no names and is read by its roles.
    """
    return PARTS.get(procedure) in {Action.VIEW_CASES, Action.VIEW_RIGHTS}


def office_of(procedure: str) -> str:
    """Return the office to which acts of a procedure are sealed: one a part, with its own keys."""
    return _OFFICES.get(PARTS.get(procedure, Action.VIEW_DOSSIERS), "cooperation")


def sheltered_kind(*, opens: bool) -> Kind:
    """Return the coarse kind of an act about a person: the same for all but the first."""
    return Kind.CASE_REQUEST if opens else Kind.CASE_UPDATE


def kind_of(act: str) -> Kind:
    """Return the coarse kind of an act; a report when it is none of the others."""
    return _KINDS.get(act, Kind.REPORT)
