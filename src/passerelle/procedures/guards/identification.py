"""Rules on what is sent, what is recognised, what silence means, and what follows.

Evidence, the closed envelope, the notice to the person, recognition, silence, onward sharing, consent,
retention.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from passerelle.kernel.canonical import digest
from passerelle.kernel.times import parse_instant
from passerelle.procedures.calendars import add_period
from passerelle.procedures.deadlines import due
from passerelle.procedures.definition import Period, Reach, TimeUnit
from passerelle.procedures.envelope import find_misfit
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.reinforcement.terms import text_of, texts_of
from passerelle.procedures.values import DeadlineStatus, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act, Deadline

__all__ = ["IDENTIFICATION_GUARDS"]


def _envelope_of(act: Act) -> Mapping[str, Any] | None:
    found: Any = act.payload.get("envelope")  # checked by the schema: a record
    return found if isinstance(found, dict) else None


def _envelope(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Send only the closed list, and only what fits the file (S11)."""
    del rule, arguments
    envelope = _envelope_of(act)
    if envelope is None:
        return None
    file = dossier.last("prepare")
    born = None if file is None else date.fromisoformat(text_of(file.payload, "born_on"))
    place = find_misfit(
        envelope,
        corridor=dossier.procedure.corridor,
        requested=dossier.procedure.parties[dossier.definition.sides[1]],
        born_on=born,
        today=act.issued.date(),
    )
    return None if place is None else Refusal("envelope.misfit", {"place": place})


def _care_consent(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Send the care flag only with express consent that was not revoked (S9)."""
    del rule, arguments
    envelope = _envelope_of(act)
    if envelope is None or "assistance_needed" not in envelope:
        return None
    last = dossier.last("record-care-consent", "revoke-consent")
    if last is not None and last.name == "record-care-consent":
        return None
    return Refusal("person.no-consent", {"act": act.name})


def _informed_first(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Inform the person first, with a copy of exactly what is sent (S22)."""
    del dossier, rule, arguments
    envelope = _envelope_of(act)
    if envelope is None or act.name not in {"send", "send-again"}:
        return None
    notice: Any = act.payload["notice"]  # checked by the schema: a record
    if parse_instant(notice["delivered_at"]) >= act.issued:
        return Refusal("person.not-informed", {"act": act.name})
    if notice["payload_hash"] != digest(dict(envelope)):
        return Refusal("person.other-copy", {"act": act.name})
    return None


def _proof_not_prima_facie(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Recognise on proof, on a registry entry or after an interview; never on list B alone (S19)."""
    del rule, arguments
    if act.name != "recognise":
        return None
    profile = dossier.procedure.corridor.profile
    proof = frozenset[str]() if profile is None else profile.proof
    basis = set(texts_of(act.payload, "basis"))
    if basis & proof or "registry" in basis or dossier.last("record-interview") is not None:
        return None
    return Refusal("person.prima-facie-only", {"basis": ", ".join(sorted(basis))})


def _reply(dossier: Dossier, now: datetime) -> Deadline | None:
    return next((one for one in due(dossier, now) if one.name == "reply"), None)


def _silence_is_neutral(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Let silence be noted by a human, with the article and a time to cure, and decide nothing (S17)."""
    del rule, arguments
    if act.name == "mark-deadline":
        reply = _reply(dossier, act.issued)
        is_passed = reply is not None and reply.status is DeadlineStatus.PASSED
        return None if is_passed else Refusal("silence.not-passed", {"act": act.name})
    if act.name == "note-deadline":
        return _check_note(dossier, act)
    if act.name == "declare-no-reply":
        note = dossier.last("note-deadline")
        cured = None if note is None else date.fromisoformat(text_of(note.payload, "cure_until"))
        if cured is None or act.issued.date() <= cured:
            return Refusal("silence.cure-running", {"act": act.name})
    return None


def _check_note(dossier: Dossier, act: Act) -> Refusal | None:
    if dossier.last("mark-deadline") is None:
        return Refusal("silence.not-passed", {"act": act.name})
    profile = dossier.procedure.corridor.profile
    article = "" if profile is None else profile.silence_article
    if article and text_of(act.payload, "clause_article") != article:
        return Refusal("silence.article", {"article": article})
    pack = dossier.procedure.rule_pack(act.issued)
    days = 3 if pack is None else pack.figures.get("cure_working_days", 3)
    side = dossier.definition.sides[1]
    calendars = (dossier.procedure.calendar(side),)
    least = add_period(act.issued, Period(days, TimeUnit.WORKING), calendars)
    if date.fromisoformat(text_of(act.payload, "cure_until")) < least.date():
        return Refusal("silence.cure-short", {"days": str(days)})
    return None


def _reply_extension(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Extend the reply once asked in time, not beyond the agreement's limit."""
    del rule, arguments
    if act.name != "extend-reply":
        return None
    profile = dossier.procedure.corridor.profile
    reply = None if profile is None else profile.reply
    running = _reply(dossier, act.at)
    if reply is None or reply.extended_to is None or running is None or running.start is None:
        return Refusal("reply.no-extension", {"act": act.name})
    calendars = (dossier.procedure.calendar(dossier.definition.sides[1]),)
    latest = add_period(running.start, reply.extended_to, calendars)
    if date.fromisoformat(text_of(act.payload, "until")) > latest.date():
        return Refusal("reply.too-long", {"latest": latest.date().isoformat()})
    if running.status is DeadlineStatus.PASSED:
        return Refusal("reply.too-late", {"act": act.name})
    return None


def _onward_consent(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Pass nothing on without prior written consent for that recipient (S34)."""
    del rule, arguments
    if act.name != "pass-on":
        return None
    for consent in dossier.effective("consent-onward"):
        asked = dossier.find(consent.re[0])
        if asked is not None and asked.payload["recipient"] == act.payload["recipient"]:
            return None
    return Refusal("handling.no-consent", {"act": act.name})


def _voluntary_consent(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Call nothing voluntary without a lawyer offered, or when taken in transit (S44)."""
    del dossier, rule, arguments
    if act.name != "record-voluntary-consent":
        return None
    if act.payload["lawyer_offered"] and act.payload["where_taken"] not in {"airport", "transit"}:
        return None
    return Refusal("person.not-voluntary", {"act": act.name})


def _retention(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Erase when due, neither before nor while an extension runs (S32)."""
    del rule, arguments
    if act.name == "extend-retention":
        until = date.fromisoformat(text_of(act.payload, "until"))
        is_later = until > act.issued.date()
        return None if is_later else Refusal("retention.no-end", {"act": act.name})
    if act.name != "erase":
        return None
    running = next((one for one in due(dossier, act.issued) if one.name == "erase"), None)
    if running is not None and running.status is DeadlineStatus.RUNNING:
        return Refusal("retention.running", {"act": act.name})
    return None


IDENTIFICATION_GUARDS = (
    Guard("envelope", _envelope, ("S11", "S13", "S14"), reach=Reach.NATIONAL),
    Guard("care-consent", _care_consent, ("S9",), reach=Reach.NATIONAL),
    Guard("informed-first", _informed_first, ("S22",), reach=Reach.NATIONAL),
    Guard("proof-not-prima-facie", _proof_not_prima_facie, ("S19",)),
    Guard("silence-is-neutral", _silence_is_neutral, ("S17", "S18"), reach=Reach.NATIONAL),
    Guard("reply-extension", _reply_extension),
    Guard("onward-consent", _onward_consent, ("S34",)),
    Guard("voluntary-consent", _voluntary_consent, ("S44",), reach=Reach.NATIONAL),
    Guard("retention", _retention, ("S32",), needs_fields=True, reach=Reach.NATIONAL),
)
"""Guards on what is said in a file of identification."""
