"""The letter of a request pack, as plain text in three languages.

Whole sentences with named places; in Arabic every code, number and date stands between directional
isolates, so that it reads left to right wherever the text is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.columns import capability_name, harmless_text

if TYPE_CHECKING:
    from passerelle.standards.forms.request import Request

__all__ = ["letter_text"]

_SUBJECT: Final = Labels(
    "Objet : demande de renfort {reference} — {event}",
    "Subject: request for reinforcement {reference} — {event}",
    "الموضوع: طلب تعزيزات {reference} — {event}",
)
_BODY: Final = Labels(
    """Madame, Monsieur,

{sender} demande à {addressee} le renfort décrit ci-dessous. Une réponse est attendue avant le {due} ({zone}).

{lines}

Pour répondre, remplissez le classeur answer-fr.xlsx (une ligne par offre ou par ligne déclinée) et renvoyez-le à l'adresse de contact : {contact}. Une offre partielle, sous conditions ou différente est une réponse utile. Les noms des personnes ne sont demandés qu'après l'engagement.

Le fichier request.xml contient la même demande au format EDXL-RM ; manifest.json donne l'empreinte SHA-256 de chaque fichier.
""",
    """Dear Sir or Madam,

{sender} asks {addressee} for the reinforcement described below. An answer is expected by {due} ({zone}).

{lines}

To answer, fill in the workbook answer-en.xlsx (one row for each offer or declined line) and send it back to the contact: {contact}. A partial, conditional or different offer is a useful answer. Names of people are asked for after the commitment only.

The file request.xml holds the same request in the EDXL-RM format; manifest.json gives the SHA-256 of every file.
""",
    """السيدة، السيد،

يطلب {sender} من {addressee} التعزيزات المبينة أدناه. وينتظر الجواب قبل {due} ({zone}).

{lines}

للجواب، يرجى ملء الجدول answer-ar.xlsx (سطر لكل عرض أو لكل بند مرفوض) وإرساله إلى جهة الاتصال: {contact}. العرض الجزئي أو المشروط أو المختلف جواب مفيد. ولا تطلب أسماء الأشخاص إلا بعد الالتزام.

يتضمن الملف request.xml الطلب نفسه بصيغة EDXL-RM، ويبين manifest.json بصمة SHA-256 لكل ملف.
""",
)
_LINE: Final = Labels(
    "- {line} : {capability} — {people} personnes ({posts} postes), {places}, du {start} au {end}{task}",
    "- {line}: {capability} — {people} people ({posts} posts), {places}, from {start} to {end}{task}",
    "- {line}: {capability} — {people} شخصا ({posts} مراكز)، {places}، من {start} إلى {end}{task}",
)
_ISOLATE: Final = "\u2066{}\u2069"


def letter_text(request: Request, language: str) -> str:
    """Write the letter.

    Parameters
    ----------
    request
        What is asked of whom.
    language
        ``fr``, ``en`` or ``ar``.
    """
    rtl = language.startswith("ar")

    def code(text: object) -> str:
        plain = harmless_text(str(text))
        return _ISOLATE.format(plain) if rtl else plain

    def words(text: str) -> str:
        plain = harmless_text(text)
        return f"\u2068{plain}\u2069" if rtl else plain

    lines = "\n".join(
        _LINE.get(language).format(
            line=code(line.line),
            capability=capability_name(line.capability, language),
            people=code(line.people),
            posts=code(line.posts),
            places=code(", ".join(line.places)),
            start=code(f"{request.local(line.during.start):%Y-%m-%d %H:%M}"),
            end=code(f"{request.local(line.during.end):%Y-%m-%d %H:%M}"),
            task=f" — {words(line.task)}" if line.task else "",
        )
        for line in request.lines
    )
    marks = [f"TLP:{request.handling.tlp}", *request.handling.marks]
    if request.status is not Status.ACTUAL:
        marks.insert(0, STATUS_LABELS[request.status].get(language))
    subject = _SUBJECT.get(language).format(
        reference=code(request.reference), event=words(request.event_name)
    )
    body = _BODY.get(language).format(
        sender=words(request.sender),
        addressee=words(request.addressee),
        due=code(f"{request.local(request.answer_by):%Y-%m-%d %H:%M}"),
        zone=code(request.zone),
        lines=lines,
        contact=words(request.contact),
    )
    return "\n\n".join([" · ".join(marks), subject, body])
