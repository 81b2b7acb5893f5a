"""What EDXL-RM demands in prose and in schema comments, and no schema enforces.

Every rule has a number (those of the standards table in the reference), a code and words in three
languages; a breach names the rule and the place. Rules 1 to 7 and 10 refuse a message, rule 9 warns.
Rule 2 and the second half of rule 1 need the thread (:mod:`thread`); rule 3 is about how instants
are spelled, so reading finds it; rule 8 is about state (:mod:`allocation`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.rm.tables import FIRST_OF_THREAD, MessageType
from passerelle.standards.rm.values import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.standards.rm.values import Contact, Line, Location, Message, Quantity

__all__ = ["Breach", "Rule", "find_breaches"]


class Rule(Enum):
    """The prose rules: number, code, words."""

    THREAD = (
        1,
        "originating-id",
        Labels(
            "le premier message d'un fil a OriginatingMessageID égal à MessageID ; les suivants le répètent",
            "the first message of a thread has OriginatingMessageID equal to MessageID; later ones repeat it",
            "الرسالة الأولى في السلسلة يتساوى فيها OriginatingMessageID وMessageID، وتكرره الرسائل اللاحقة",
        ),
    )
    PRECEDING = (
        2,
        "preceding-id",
        Labels(
            "PrecedingMessageID désigne un message antérieur du fil, et PrecedingResourceInfoElementID une de ses lignes",
            "PrecedingMessageID names an earlier message of the thread, PrecedingResourceInfoElementID one of its lines",
            "يشير PrecedingMessageID إلى رسالة سابقة في السلسلة وPrecedingResourceInfoElementID إلى أحد سطورها",
        ),
    )
    INSTANT = (
        3,
        "instant-with-offset",
        Labels(
            "une date-heure porte un décalage et jamais Z",
            "a date-time has an offset and never Z",
            "يحمل كل تاريخ ووقت فرقا زمنيا ولا يحمل Z أبدا",
        ),
    )
    ONE_OF = (
        4,
        "one-of",
        Labels(
            "au moins un des éléments qui identifient est présent",
            "at least one of the identifying elements is present",
            "يوجد عنصر تعريف واحد على الأقل",
        ),
    )
    PROVISIONAL = (
        5,
        "provisional-reason",
        Labels(
            "une réponse provisoire porte ReasonCode ou ResponseReason",
            "a provisional answer carries ReasonCode or ResponseReason",
            "يحمل الجواب المؤقت ReasonCode أو ResponseReason",
        ),
    )
    QUANTITY = (
        6,
        "quantity",
        Labels(
            "la quantité est donnée là où elle engage, et n'est jamais négative",
            "the quantity is given where it binds, and is never negative",
            "تذكر الكمية حيث تكون ملزمة ولا تكون سالبة أبدا",
        ),
    )
    UNIQUE = (
        7,
        "unique-line",
        Labels(
            "ResourceInfoElementID est unique dans le message",
            "ResourceInfoElementID is unique in its message",
            "لا يتكرر ResourceInfoElementID في الرسالة",
        ),
    )
    ALLOCATION = (
        8,
        "only-commit-allocates",
        Labels(
            "seul CommitResource change l'attribution",
            "only CommitResource changes allocation",
            "لا يغير التخصيص إلا CommitResource",
        ),
    )
    UNITS = (
        9,
        "units",
        Labels(
            "une monnaie est un code ISO 4217, une unité vient d'une liste connue (recommandation)",
            "a currency is an ISO 4217 code, a unit comes from a known list (recommendation)",
            "العملة رمز ISO 4217 والوحدة من قائمة معروفة (توصية)",
        ),
    )
    WHOLE = (
        10,
        "finite-and-whole",
        Labels(
            "un nombre est fini, et entier pour les personnes, les chiens et les véhicules",
            "an amount is finite, and whole for people, dogs and vehicles",
            "الرقم محدود، وصحيح للأشخاص والكلاب والمركبات",
        ),
    )

    def __init__(self, number: int, code: str, labels: Labels) -> None:
        self.number = number
        self.code = f"rm.rule-{number}.{code}"
        self.labels = labels


@dataclass(frozen=True, slots=True)
class Breach:
    """Say that a message breaks a rule at a place.

    Parameters
    ----------
    rule
        The rule.
    path
        Where, for example ``ResourceInformation[2]/AssignmentInformation/Quantity``.
    expected, found
        What would have been right and what stood there, in English.
    """

    rule: Rule
    path: str
    expected: str
    found: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether the message is taken all the same."""
        return self.rule is Rule.UNITS


_BINDING: Final = frozenset({MessageType.REQUISITION_RESOURCE, MessageType.RELEASE_RESOURCE})
_BINDING_ANSWERS: Final = frozenset(
    {MessageType.RESPONSE_TO_REQUEST_RESOURCE, MessageType.COMMIT_RESOURCE}
)
_COUNTED: Final = re.compile(
    r"(?i)^(person|people|personne|post|poste|present|officer|pair|team|crew|dog|chien|animal|"
    r"horse|vehicle|véhicule|person-?days?|each|ea)s?$"
)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_UNIT_LISTS: Final = re.compile(r"(?i)passerelle|ucum")
UNITS_OF: Final = "urn:passerelle:unit:1"


def find_breaches(message: Message) -> tuple[Breach, ...]:
    """Return every breach that the message shows by itself, warnings included.

    Parameters
    ----------
    message
        The message; its structure is right already.
    """
    found = [
        *_thread(message),
        *_one_of(message),
        *_answers(message),
        *_quantities(message),
        *_unique_lines(message),
    ]
    return tuple(sorted(found, key=lambda breach: (breach.rule.number, breach.path)))


def _thread(message: Message) -> Iterator[Breach]:
    same = message.originating_id == message.id
    if message.type in FIRST_OF_THREAD and message.recall is None and not same:
        yield Breach(Rule.THREAD, "OriginatingMessageID", message.id, message.originating_id)
    if message.preceding_id is not None and same:
        expected = "the id of the thread's first message, which is another message"
        yield Breach(Rule.THREAD, "OriginatingMessageID", expected, message.originating_id)
    if message.preceding_id == message.id:
        yield Breach(Rule.PRECEDING, "PrecedingMessageID", "an earlier message", message.id)


def _one_of(message: Message) -> Iterator[Breach]:
    for path, present, names in _identified(message):
        if not any(present):
            yield Breach(Rule.ONE_OF, path, f"at least one of {names}", "none")


def _identified(message: Message) -> Iterator[tuple[str, tuple[object, ...], str]]:
    for number, incident in enumerate(message.incidents, start=1):
        yield (
            f"IncidentInformation[{number}]",
            (incident.id, incident.description),
            "IncidentID, IncidentDescription",
        )
    for number, funding in enumerate(message.funding, start=1):
        yield f"Funding[{number}]", (funding.code, funding.info), "FundCode, FundingInfo"
    for number, contact in enumerate(message.contacts, start=1):
        yield from _contact(f"ContactInformation[{number}]", contact)
    for number, line in enumerate(message.lines, start=1):
        yield from _line(f"ResourceInformation[{number}]", line)


def _line(path: str, line: Line) -> Iterator[tuple[str, tuple[object, ...], str]]:
    resource = line.resource
    if resource is not None:
        inside = f"{path}/Resource"
        present = (resource.id, resource.name, resource.kind)
        yield inside, present, "ResourceID, Name, TypeStructure"
        if resource.responsible is not None:
            yield from _contact(f"{inside}/ResponsibleParty", resource.responsible)
        if resource.ownership is not None:
            owned = (resource.ownership.owner, resource.ownership.jurisdiction)
            yield f"{inside}/OwnershipInformation", owned, "Owner, OwningJurisdiction"
    for number, schedule in enumerate(line.schedules, start=1):
        if schedule.place is not None:
            yield _place(f"{path}/ScheduleInformation[{number}]/Location", schedule.place)


def _contact(path: str, contact: Contact) -> Iterator[tuple[str, tuple[object, ...], str]]:
    yield path, (contact.description, contact.role), "ContactDescription, ContactRole"
    if contact.location is not None:
        yield _place(f"{path}/ContactLocation", contact.location)


def _place(path: str, place: Location) -> tuple[str, tuple[object, ...], str]:
    present = (place.description, place.address, place.area)
    return path, present, "LocationDescription, Address, TargetArea"


def _answers(message: Message) -> Iterator[Breach]:
    for number, line in enumerate(message.lines, start=1):
        response = line.response
        if response is None or response.answer is not Answer.PROVISIONAL:
            continue
        if response.reason_code is None and not (response.reason or "").strip():
            path = f"ResourceInformation[{number}]/ResponseInformation"
            yield Breach(Rule.PROVISIONAL, path, "ReasonCode or ResponseReason", "neither")


def _quantities(message: Message) -> Iterator[Breach]:
    for number, line in enumerate(message.lines, start=1):
        path = f"ResourceInformation[{number}]/AssignmentInformation"
        quantity = line.assignment.quantity if line.assignment else None
        price = line.assignment.price if line.assignment else None
        if quantity is None and _needs_quantity(message.type, line):
            yield Breach(Rule.QUANTITY, path, "a Quantity", "none")
        if quantity is not None:
            yield from _amount(f"{path}/Quantity", quantity)
        if price is not None:
            yield from _price(f"{path}/PriceQuote", price)


def _needs_quantity(message: MessageType, line: Line) -> bool:
    if message in _BINDING:
        return True
    answered = line.response is not None and line.response.answer is not Answer.DECLINE
    return message in _BINDING_ANSWERS and answered


def _amount(path: str, quantity: Quantity) -> Iterator[Breach]:
    measured = quantity.measured
    if measured is None:
        return
    amount, unit = measured.amount, measured.unit
    if not math.isfinite(amount):
        yield Breach(Rule.WHOLE, path, "a finite amount", repr(amount))
        return
    if amount < 0:
        yield Breach(Rule.QUANTITY, path, "an amount >= 0", repr(amount))
    counted = unit is not None and (unit.urn == UNITS_OF or any(map(_COUNTED.match, unit.values)))
    if counted and amount != int(amount):
        yield Breach(Rule.WHOLE, path, "a whole number of what is counted", repr(amount))
    if unit is not None and not _UNIT_LISTS.search(unit.urn):
        yield Breach(Rule.UNITS, path, "a unit of UCUM or of a known list", unit.urn)


def _price(path: str, price: Quantity) -> Iterator[Breach]:
    if price.measured is None:
        return
    if not math.isfinite(price.measured.amount):
        yield Breach(Rule.WHOLE, path, "a finite amount", repr(price.measured.amount))
    values = price.measured.unit.values if price.measured.unit else ()
    if not any(map(_CURRENCY.fullmatch, values)):
        yield Breach(Rule.UNITS, path, "a currency of ISO 4217", ", ".join(values) or "none")


def _unique_lines(message: Message) -> Iterator[Breach]:
    for line_id, times in Counter(line.id for line in message.lines).items():
        if times > 1:
            yield Breach(
                Rule.UNIQUE, "ResourceInformation/ResourceInfoElementID", "each id once", line_id
            )
