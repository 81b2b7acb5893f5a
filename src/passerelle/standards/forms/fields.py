"""What the three forms ask: offers, people, animals. One table of fields a form, in three languages.

The names are those of the records of the reinforcement procedure, so that a row that was read can go
into an act as it is (the procedure checks it once more). Choices show the partner's language in the
sheet and carry the code: ``full | complète``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from passerelle.kernel.labels import Labels

__all__ = ["ANSWERS", "FORMS", "Field", "Form", "Kind"]


class Kind(Enum):
    """What a cell holds and how it is read."""

    CODE = auto()
    LINE = auto()
    NAME = auto()
    COUNT = auto()
    AMOUNT = auto()
    INSTANT = auto()
    DATE = auto()
    CHOICE = auto()
    CAPABILITY = auto()
    COUNTRY = auto()
    CODES = auto()
    LINES = auto()
    LANGUAGES = auto()
    LANGUAGE_LEVELS = auto()
    CERTIFICATES = auto()
    CONDITIONS = auto()


class Form(StrEnum):
    """The forms, by the name of their sheet."""

    OFFERS = "offers"
    PEOPLE = "people"
    ANIMALS = "animals"


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one column of a form.

    Parameters
    ----------
    name
        Name of the field in the record.
    kind
        What it holds.
    labels
        Heading for people.
    is_required
        Whether a row without it is refused.
    choices
        Codes with their labels, for :data:`Kind.CHOICE`.
    """

    name: str
    kind: Kind
    labels: Labels
    is_required: bool = False
    choices: tuple[tuple[str, Labels], ...] = ()


ANSWERS: Final = (
    ("full", Labels("complète", "full", "كامل")),
    ("partial", Labels("partielle", "partial", "جزئي")),
    ("conditional", Labels("sous conditions", "conditional", "مشروط")),
    ("counter", Labels("contre-proposition", "counter-offer", "عرض مقابل")),
    ("unsolicited", Labels("non demandée", "not asked for", "غير مطلوب")),
    ("declined", Labels("déclinée", "declined", "مرفوض")),
)
_REASONS: Final = (
    ("own-need", Labels("besoin propre", "own need", "حاجة ذاتية")),
    ("not-held", Labels("capacité absente", "not held", "قدرة غير متوفرة")),
    ("law", Labels("droit national", "national law", "القانون الوطني")),
    ("cost", Labels("coût", "cost", "التكلفة")),
    ("time", Labels("délai", "time", "الأجل")),
    ("conditions", Labels("conditions", "conditions", "الشروط")),
    ("policy", Labels("politique", "policy", "قرار سياسي")),
    ("other", Labels("autre", "other", "سبب آخر")),
)
_COMMAND: Final = (
    ("host", Labels("État hôte", "host State", "الدولة المضيفة")),
    ("sender", Labels("État contributeur", "sending State", "الدولة الموفدة")),
    ("mixed", Labels("mixte", "mixed", "مختلط")),
)
_WEAPONS: Final = (
    ("none", Labels("aucune", "none", "بدون")),
    ("service", Labels("de service", "service", "سلاح الخدمة")),
    ("special", Labels("spéciales", "special", "أسلحة خاصة")),
)
_PAYER: Final = (
    ("host", Labels("État hôte", "host State", "الدولة المضيفة")),
    ("sender", Labels("État contributeur", "sending State", "الدولة الموفدة")),
    ("shared", Labels("partagé", "shared", "مشترك")),
)
_UNIFORM: Final = (
    ("own", Labels("propre uniforme", "own uniform", "الزي الخاص")),
    ("vest", Labels("chasuble", "vest", "صدرية")),
    ("plain", Labels("tenue civile", "plain clothes", "لباس مدني")),
)

_FROM: Final = Labels("du (heure locale)", "from (local time)", "من (التوقيت المحلي)")
_TO: Final = Labels("au (heure locale)", "to (local time)", "إلى (التوقيت المحلي)")
_LANGUAGES: Final = Labels("langues (fr; en; ar)", "languages (fr; en; ar)", "اللغات (fr; en; ar)")
_CERTIFICATES: Final = Labels(
    "certificats (code=AAAA-MM-JJ; …)",
    "certificates (code=YYYY-MM-DD; …)",
    "الشهادات (code=YYYY-MM-DD; …)",
)
_ITEM: Final = Field("item", Kind.CODE, Labels("poste d'engagement", "item", "بند الالتزام"), True)

FORMS: Final[dict[Form, tuple[Field, ...]]] = {
    Form.OFFERS: (
        Field("line", Kind.CODE, Labels("ligne", "line", "البند")),
        Field("answer", Kind.CHOICE, Labels("réponse", "answer", "الجواب"), True, ANSWERS),
        Field(
            "reason_code",
            Kind.CHOICE,
            Labels("motif du refus", "reason for declining", "سبب الرفض"),
            choices=_REASONS,
        ),
        Field("offer", Kind.CODE, Labels("référence de l'offre", "offer reference", "مرجع العرض")),
        Field("capability", Kind.CAPABILITY, Labels("capacité", "capability", "القدرة")),
        Field("level", Kind.COUNT, Labels("niveau", "level", "المستوى")),
        Field("unit", Kind.LINE, Labels("unité", "unit", "الوحدة")),
        Field("posts", Kind.COUNT, Labels("postes", "posts", "المراكز")),
        Field(
            "present", Kind.COUNT, Labels("présents ensemble", "present at once", "الحاضرون معا")
        ),
        Field("people", Kind.COUNT, Labels("personnes", "people", "الأشخاص")),
        Field("animals", Kind.COUNT, Labels("animaux", "animals", "الحيوانات")),
        Field("places", Kind.CODES, Labels("sites", "places", "المواقع")),
        Field("from", Kind.INSTANT, _FROM),
        Field("to", Kind.INSTANT, _TO),
        Field("head", Kind.LINE, Labels("chef (fonction)", "head (office)", "الرئيس (الوظيفة)")),
        Field("languages", Kind.LANGUAGES, _LANGUAGES),
        Field(
            "certificates",
            Kind.LINES,
            Labels("certificats", "certificates", "الشهادات"),
        ),
        Field("weapons", Kind.CHOICE, Labels("armes", "weapons", "الأسلحة"), choices=_WEAPONS),
        Field("vehicles", Kind.COUNT, Labels("véhicules", "vehicles", "المركبات")),
        Field("caveats", Kind.LINES, Labels("réserves nationales", "national caveats", "التحفظات")),
        Field(
            "command",
            Kind.CHOICE,
            Labels("commandement", "command", "القيادة"),
            choices=_COMMAND,
        ),
        Field(
            "working_time_rule",
            Kind.LINE,
            Labels("règle de temps de travail", "working-time rule", "قاعدة وقت العمل"),
        ),
        Field("cost_eur", Kind.AMOUNT, Labels("coût (euros)", "cost (euros)", "التكلفة (يورو)")),
        Field("payer", Kind.CHOICE, Labels("payeur", "payer", "الجهة الدافعة"), choices=_PAYER),
        Field(
            "needs_from_host",
            Kind.LINES,
            Labels("attendu de l'hôte", "needs from host", "المطلوب من المضيف"),
        ),
        Field(
            "conditions",
            Kind.CONDITIONS,
            Labels(
                "conditions (escorts: deux; lodging: …)",
                "conditions (escorts: two; lodging: …)",
                "الشروط (escorts: …; lodging: …)",
            ),
        ),
        Field("valid_until", Kind.INSTANT, Labels("valable jusqu'au", "valid until", "صالح إلى")),
        Field(
            "approving_authority",
            Kind.LINE,
            Labels("autorité qui approuve", "approving authority", "السلطة الموافقة"),
        ),
    ),
    Form.PEOPLE: (
        Field("person", Kind.CODE, Labels("référence", "reference", "المرجع"), True),
        _ITEM,
        Field("family_name", Kind.NAME, Labels("nom", "family name", "الاسم العائلي"), True),
        Field("given_name", Kind.NAME, Labels("prénom", "given name", "الاسم الشخصي"), True),
        Field("rank", Kind.LINE, Labels("grade", "rank", "الرتبة"), True),
        Field(
            "service_number", Kind.CODE, Labels("matricule", "service number", "رقم الخدمة"), True
        ),
        Field("nationality", Kind.COUNTRY, Labels("nationalité", "nationality", "الجنسية"), True),
        Field(
            "birth_date",
            Kind.DATE,
            Labels("date de naissance", "birth date", "تاريخ الميلاد"),
            True,
        ),
        Field("passport", Kind.CODE, Labels("passeport", "passport", "جواز السفر"), True),
        Field("role", Kind.LINE, Labels("fonction", "role", "المهمة"), True),
        Field("certificates", Kind.CERTIFICATES, _CERTIFICATES),
        Field(
            "languages",
            Kind.LANGUAGE_LEVELS,
            Labels("langues (fr:B2; ar:native)", "languages (fr:B2; ar:native)", "اللغات (fr:B2)"),
        ),
        Field("weapon_number", Kind.CODE, Labels("numéro d'arme", "weapon number", "رقم السلاح")),
        Field("vehicle", Kind.CODE, Labels("véhicule", "vehicle", "المركبة")),
        Field(
            "emergency_contact",
            Kind.LINE,
            Labels("contact d'urgence", "emergency contact", "جهة اتصال الطوارئ"),
        ),
        Field("diet", Kind.LINE, Labels("régime alimentaire", "diet", "النظام الغذائي")),
        Field("uniform", Kind.CHOICE, Labels("tenue", "uniform", "الزي"), choices=_UNIFORM),
        Field("from", Kind.INSTANT, _FROM, True),
        Field("to", Kind.INSTANT, _TO, True),
    ),
    Form.ANIMALS: (
        Field("animal", Kind.CODE, Labels("référence", "reference", "المرجع"), True),
        _ITEM,
        Field("name", Kind.NAME, Labels("nom", "name", "الاسم"), True),
        Field("chip", Kind.CODE, Labels("puce", "chip", "الشريحة"), True),
        Field("vaccination", Kind.LINE, Labels("vaccination", "vaccination", "التلقيح")),
        Field("certificates", Kind.CERTIFICATES, _CERTIFICATES),
        Field(
            "handler",
            Kind.CODE,
            Labels("conducteur (référence)", "handler (reference)", "المدرب (المرجع)"),
            True,
        ),
        Field("from", Kind.INSTANT, _FROM, True),
        Field("to", Kind.INSTANT, _TO, True),
    ),
}
"""The fields of each form, in the order of the columns."""

NEEDED_IN_OFFER: Final = (
    "capability",
    "unit",
    "posts",
    "present",
    "people",
    "places",
    "from",
    "to",
    "command",
    "valid_until",
    "approving_authority",
)
"""What an offer needs that a declined line does not."""
