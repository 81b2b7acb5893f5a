"""What the page of vetting and accreditation shows: one person, what stands, what was decided, who is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import pgettext

from passerelle.procedures.forms import form_of
from passerelle.procedures.reinforcement.particulars import particulars
from passerelle.procedures.reinforcement.roll import roll
from passerelle.procedures.reinforcement.terms import text_of
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.roll import Entry
    from passerelle.procedures.values import Act

__all__ = ["Decision", "Screened", "Screening", "screening_page"]

_ACTS: Final = ("vet", "accredit", "confer-powers", "revoke")
_SHOWN: Final = (
    "rank", "role", "nationality", "birth_date", "passport", "service_number", "weapon_number",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """Show one decision about a person: what, with which result, by whom and when."""

    words: str
    result: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Screened:
    """Show one person in the queue; ``step`` is ``vet``, ``accredit``, ``done`` or ``refused``."""

    code: str
    name: str
    step: str
    words: str
    look: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """Hold the page: the queue, and the person shown.

    Parameters
    ----------
    queue
        Everybody on the roll, who waits for a decision first.
    person
        Who is shown; ``None`` when nobody is on the roll.
    facts
        Label and value of what the partner said of the person.
    decisions
        What was decided, oldest first.
    until
        Last day of the stay: the default of an accreditation.
    given
        Which decisions may be taken back: ``vetting``, ``accreditation``, ``powers``.
    """

    queue: tuple[Screened, ...]
    person: Screened | None
    facts: tuple[tuple[str, str], ...]
    decisions: tuple[Decision, ...]
    until: date | None
    given: tuple[str, ...]

    @property
    def n_waiting(self) -> int:
        """How many wait for a decision."""
        return sum(one.step in {"vet", "accredit"} for one in self.queue)


def screening_page(dossier: Dossier, today: date, wanted: str, language: str) -> Screening:
    """Show the wanted person, else the first who waits for a decision.

    Parameters
    ----------
    dossier
        The dossier.
    today
        Day on which an ended decision is one no more.
    wanted
        Reference of the person; empty for the next.
    language
        Language of the reader.
    """
    entries = {
        code: entry
        for code, entry in roll(dossier).items()
        if entry.is_active and not entry.is_animal
    }
    if not entries:
        return Screening((), None, (), (), None, ())
    who = particulars(dossier)
    steps = {code: _step(entry, today) for code, entry in entries.items()}
    order = sorted(entries, key=lambda code: (_ORDER.index(steps[code]), entries[code].item, code))
    shown = wanted if wanted in entries else order[0]
    queue = tuple(
        _screened(
            code, who[code].name if code in who else code, steps[code], is_shown=code == shown
        )
        for code in order
    )
    entry = entries[shown]
    return Screening(
        queue=queue,
        person=next(one for one in queue if one.is_shown),
        facts=tuple(_facts(who[shown].fields if shown in who else {}, entry, language)),
        decisions=tuple(_decisions(dossier, shown, language)),
        until=(entry.during.end - timedelta(microseconds=1)).date(),
        given=tuple(_given(entry)),
    )


_ORDER: Final = ("vet", "accredit", "done", "refused")


def _step(entry: Entry, today: date) -> str:
    if entry.vetting == "refused":
        return "refused"
    if entry.vetting != "cleared" or (
        entry.vetted_until is not None and entry.vetted_until < today
    ):
        return "vet"
    ended = entry.accredited_until is not None and entry.accredited_until < today
    return "done" if entry.is_accredited and not ended else "accredit"


def _screened(code: str, name: str, step: str, *, is_shown: bool) -> Screened:
    words, look = {
        "vet": (pgettext("screening", "to be vetted"), "short"),
        "accredit": (pgettext("screening", "to be accredited"), "short"),
        "done": (pgettext("screening", "cleared and accredited"), "met"),
        "refused": (pgettext("screening", "refused"), "critical"),
    }[step]
    return Screened(code, name, step, words, look, is_shown)


def _given(entry: Entry) -> Iterable[str]:
    if entry.vetting:
        yield "vetting"
    if entry.is_accredited:
        yield "accreditation"
    if entry.has_powers:
        yield "powers"


def _facts(fields: Mapping[str, object], entry: Entry, language: str) -> Iterable[tuple[str, str]]:
    words = vocabulary().fields
    for name in _SHOWN:
        if fields.get(name):
            yield words[name].get(language), str(fields[name])
    last = (entry.during.end - timedelta(microseconds=1)).date()
    yield pgettext("screening", "stay"), f"{entry.during.start:%Y-%m-%d} – {last}"
    for name, until in entry.certificates.items():
        yield name, f"→ {until}"


def _decisions(dossier: Dossier, person: str, language: str) -> Iterable[Decision]:
    for act in dossier.effective(*_ACTS):
        if text_of(act.payload, "person") == person:
            rule = dossier.definition.acts[act.name]
            yield Decision(
                rule.labels.get(language), _result(dossier, act, language), act.person, act.at
            )


def _result(dossier: Dossier, act: Act, language: str) -> str:
    """Say what was decided: the fields of the act but the person, in words."""
    found = []
    for field in form_of(dossier.definition.acts[act.name]):
        value = act.payload.get(field.name)
        if field.name == "person" or value is None:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        texts = [
            field.choices[one].get(language) if one in field.choices else str(one)
            for one in map(str, values)
        ]
        found.append(f"{field.labels.get(language)} {', '.join(texts)}")
    return " · ".join(found)
