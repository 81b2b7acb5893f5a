"""Who plays: accounts by office, the same on both nodes. Offices, not persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.node.accounts.enums import Role

if TYPE_CHECKING:
    from passerelle.node.accounts.models import User

__all__ = ["CAST", "Member", "enrol_cast", "find_member"]


@dataclass(frozen=True, slots=True)
class Member:
    """Describe one account of the story.

    Parameters
    ----------
    name
        Name of the account.
    office
        Code of the office.
    labels
        Name of the office.
    roles
        Roles held.
    """

    name: str
    office: str
    labels: Labels
    roles: tuple[Role, ...]


_R = Role
_COOPERATION: Final = Labels(
    "Direction de la coopération", "Cooperation directorate", "مديرية التعاون"
)
_EVENTS: Final = Labels("Planification des événements", "Event planning", "تخطيط الفعاليات")
_LIAISON: Final = Labels("Bureau de liaison", "Liaison desk", "مكتب الاتصال")
_SECRETARIAT: Final = Labels("Secrétariat du groupe", "Secretariat of the group", "أمانة المجموعة")
_CYBER: Final = Labels("Centre cyber", "Cyber centre", "مركز الأمن السيبراني")
_CASES: Final = Labels("Bureau de l’identification", "Identification desk", "مكتب تحديد الهوية")
_GUARD: Final = Labels("Bureau des garanties", "Safeguards desk", "مكتب الضمانات")
_CONSULATE: Final = Labels("Consulat", "Consulate", "القنصلية")
_COUNSEL: Final = Labels("Défense", "Counsel", "الدفاع")
_COURT: Final = Labels("Greffe", "Court registry", "كتابة الضبط")
_AUDIT: Final = Labels("Audit", "Audit", "التدقيق")

CAST: Final = (
    Member("directorate", "cooperation", _COOPERATION, (_R.COOPERATION,)),
    Member("approval", "cooperation", _COOPERATION, (_R.APPROVER,)),
    Member("planner", "events", _EVENTS, (_R.PLANNER,)),
    Member("liaison", "liaison", _LIAISON, (_R.LIAISON,)),
    Member("leader", "liaison", _LIAISON, (_R.LEADER,)),
    Member("secretary", "secretariat", _SECRETARIAT, (_R.SECRETARY,)),
    Member("analyst", "cyber", _CYBER, (_R.ANALYST,)),
    Member("case-officer", "identification", _CASES, (_R.CASE_OFFICER,)),
    Member("safeguard", "safeguards", _GUARD, (_R.SAFEGUARD,)),
    Member("data-protection", "safeguards", _GUARD, (_R.DATA_PROTECTION,)),
    Member("consulate", "consulate", _CONSULATE, (_R.CONSULATE,)),
    Member("counsel", "counsel", _COUNSEL, (_R.COUNSEL,)),
    Member("court", "court", _COURT, (_R.COURT,)),
    Member("auditor", "audit", _AUDIT, (_R.AUDITOR,)),
)
"""Every account; each acts in its own roles only."""

VISITOR: Final = "demo"
"""The account with which the browser signs in: it sees every part."""


def enrol_cast() -> None:
    """Make the accounts that are not there yet, and the visitor with every role."""
    from passerelle.node.accounts.domain import add_office, add_user  # noqa: PLC0415 - app ready
    from passerelle.node.accounts.models import User  # noqa: PLC0415 - app ready

    known = set(User.objects.values_list("username", flat=True))
    for member in CAST:
        if member.name not in known:
            office = add_office(member.office, member.labels)
            add_user(member.name, office, member.roles, is_demo=True)
    if VISITOR not in known:
        labels = Labels("Visite (démonstration)", "Visit (demonstration)", "زيارة (عرض توضيحي)")
        add_user(VISITOR, add_office("visit", labels), Role, is_demo=True)


def find_member(name: str) -> User:
    """Return an account of the story."""
    from passerelle.node.accounts.models import User  # noqa: PLC0415 - app ready

    return User.objects.get(username=name, is_demo=True)
