"""Rules of the other procedures: travel document, joint interview, rights, judicial, commitments."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from passerelle.kernel.times import parse_instant
from passerelle.procedures.casework.extradition import formal_request_due, surrender_due
from passerelle.procedures.casework.facts import newest_gates, state_at
from passerelle.procedures.definition import Reach, StateKind
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.reinforcement.terms import rows_of, text_of, texts_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["COOPERATION_GUARDS"]

_RIGHTS_MOST_DAYS = 92


def _recognised_first(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Ask for a document only for a person recognised, in a file that is not held (S17)."""
    del rule, arguments
    if act.name not in {"request-document", "resume", "hand-over", "use"}:
        return None
    opened = dossier.last("open")
    case = "" if opened is None else text_of(opened.payload, "identification")
    asked = text_of(act.payload, "identification") or case
    for file in dossier.procedure.related:
        if file.definition.id == "identification" and file.case == case == asked:
            state = state_at(file, act.issued)
            if state == "recognised":
                return None
            was = state and file.definition.states[state].kind is not StateKind.HOLD
            if act.name != "request-document" and was and file.last("recognise") is not None:
                return None
    return Refusal("person.not-recognised", {"act": act.name})


def _recheck(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Ask for a document only after a fresh check of non-refoulement (S8)."""
    del rule, arguments
    if act.name != "request-document":
        return None
    gate = next((one for one in newest_gates(dossier) if one.code == "S8"), None)
    if gate is None:
        return Refusal("gates.incomplete", {"missing": "S8"})
    expired = dossier.last("expire")
    checked = dossier.last("recheck", "review-again")
    if expired is not None and (checked is None or checked.issued < expired.issued):
        return Refusal("gates.too-old", {"act": act.name})
    pack = dossier.procedure.rule_pack(act.issued)
    days = 7 if pack is None else pack.figures.get("recheck_max_age_days", 7)
    if act.issued.date() - gate.on > timedelta(days=days):
        return Refusal("gates.too-old", {"act": act.name})
    return None


def _remedy_first(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Use no document before the remedy could be used (S30)."""
    del rule, arguments
    pack = dossier.procedure.rule_pack(act.issued)
    hours = 48 if pack is None else pack.figures.get("remedy_hours", 48)
    if act.name == "hand-over":
        notice = parse_instant(text_of(act.payload, "notice_at"))
        until = parse_instant(text_of(act.payload, "remedy_until"))
        if notice > act.issued or until - notice < timedelta(hours=hours):
            return Refusal("remedy.too-short", {"hours": str(hours)})
    if act.name == "use":
        handed = dossier.last("hand-over")
        until = (
            act.issued if handed is None else parse_instant(text_of(handed.payload, "remedy_until"))
        )
        on = date.fromisoformat(text_of(act.payload, "on"))
        if act.issued < until or on < until.date():
            return Refusal("remedy.running", {"act": act.name})
    return None


def _document_dates(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Issue a document with the agreed validity, and let it expire only on its date."""
    del rule, arguments
    if act.name == "issue":
        start = date.fromisoformat(text_of(act.payload, "issued_on"))
        until = date.fromisoformat(text_of(act.payload, "valid_until"))
        profile = dossier.procedure.corridor.profile
        least = None if profile is None else profile.document_validity
        if until <= start or (least is not None and (until - start).days < least.value):
            return Refusal("document.validity", {"act": act.name})
    if act.name == "expire":
        issued = dossier.last("issue")
        if issued is None:
            return Refusal("document.not-expired", {"act": act.name})
        if act.issued.date() <= date.fromisoformat(text_of(issued.payload, "valid_until")):
            return Refusal("document.not-expired", {"act": act.name})
    return None


def _interview_conditions(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Confirm an interview only with notice in time, a lawyer possible, a host official (S23, S42)."""
    del rule, arguments
    if act.name != "confirm":
        return None
    notice = dossier.last("notice")
    starts = parse_instant(text_of(dossier.opened.payload, "starts_at"))
    pack = dossier.procedure.rule_pack(act.issued)
    hours = 48 if pack is None else pack.figures.get("interview_notice_hours", 48)
    if notice is None:
        return Refusal("interview.notice", {"hours": str(hours)})
    told = [
        parse_instant(text_of(notice.payload, key))
        for key in ("delivered_at", "lawyer_informed_at")
    ]
    if starts - max(told) < timedelta(hours=hours):
        return Refusal("interview.notice", {"hours": str(hours)})
    met = all(
        act.payload[key] for key in ("lawyer_possible", "host_official_present", "nationality_only")
    )
    if not met or notice.payload["interpreter_from"] == "visitor":
        return Refusal("interview.condition", {"act": act.name})
    if not any(gate.code == "S8" and gate.is_green for gate in newest_gates(dossier)):
        return Refusal("gates.incomplete", {"missing": "S8"})
    return None


def _rights_extension(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Extend a rights request by two months at most, before the first month is over (S24)."""
    del rule, arguments
    if act.name != "extend":
        return None
    received = next(dossier.effective("receive"))
    until = date.fromisoformat(text_of(act.payload, "until"))
    first = received.issued.date()
    if (until - first).days > _RIGHTS_MOST_DAYS or (act.issued.date() - first).days > 31:
        return Refusal("rights.extension", {"act": act.name})
    return None


def _corrections_acknowledged(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Close only when the partner acknowledged every correction (S25)."""
    del rule, arguments
    answered = {one for done in dossier.effective("acknowledge-correction") for one in done.re}
    open_ones = [one for one in dossier.effective("send-correction") if one.id not in answered]
    return Refusal("rights.unacknowledged", {"act": act.name}) if open_ones else None


def _judicial_authority(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Let judicial authorities alone decide (S46)."""
    del arguments
    target = rule.moves.get(dossier.state, "")
    states = dossier.definition.states
    decides = target in states and states[target].is_outcome and act.name != "surrender"
    if decides and act.role != "requested-judge":
        return Refusal("judicial.authority", {"act": act.name})
    return None


def _speciality(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Use results under the reference they were asked for, else with consent (S47)."""
    del rule, arguments
    if act.name != "use-results":
        return None
    sent = dossier.last("send")
    reference = text_of(act.payload, "reference")
    if sent is not None and reference == text_of(sent.payload, "reference"):
        return None
    results = dossier.last("send-results")
    limits = set() if results is None else set(texts_of(results.payload, "use_limits"))
    if limits == {"none"}:
        return None
    for consent in dossier.effective("allow-other-use"):
        asked = dossier.find(consent.re[0])
        if asked is not None and text_of(asked.payload, "reference") == reference:
            return None
    return Refusal("judicial.other-use", {"reference": reference})


def _release_date(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Let no act move the computed date of release: late steps are refused, release never is."""
    del rule, arguments
    if act.name == "file-formal":
        due = formal_request_due(dossier)
        if due is not None and act.at.date() > due:
            return Refusal("judicial.release-due", {"day": due.isoformat()})
    if act.name == "surrender":
        due = surrender_due(dossier)
        on = date.fromisoformat(text_of(act.payload, "on"))
        if due is not None and on > due:
            return Refusal("judicial.release-due", {"day": due.isoformat()})
    return None


def _consultation_first(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Say truly whether a consultation was held before a refusal."""
    del rule, arguments
    if act.name != "refuse":
        return None
    was_held = dossier.last("consult") is not None
    if act.payload["consultation_held"] is not was_held:
        return Refusal("judicial.consultation", {"act": act.name})
    return None


def _verified_by_the_other(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Let the other side or an independent assessor verify a claim, never the claimant."""
    del rule, arguments
    if act.name != "verify" or act.role == "assessor":
        return None
    claim = dossier.last("claim")
    if claim is not None and claim.side == act.side:
        return Refusal("commitment.own-claim", {"act": act.name})
    return None


def _quorum(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Record a sitting only with the quorum of the charter, on both sides."""
    del rule, arguments
    if act.name != "hold":
        return None
    called = dossier.last("call")
    charter = None if called is None else called.payload["charter"]
    quorum = int(charter["quorum"]) if isinstance(charter, dict) else 0
    counts = [int(str(act.payload[key])) for key in ("present_first", "present_second")]
    if sum(counts) < quorum or not all(counts):
        return Refusal("meeting.quorum", {"quorum": str(quorum)})
    return None


def _followed_up(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Follow up every decision with a commitment, and close with a next date or a reason."""
    del rule, arguments
    if act.name == "follow-up":
        minutes = dossier.last("draft-minutes")
        decided = (
            set()
            if minutes is None
            else {row["decision"] for row in rows_of(minutes.payload, "decisions")}
        )
        linked = {text_of(one.payload, "decision") for one in dossier.effective("link-decision")}
        if decided - linked:
            return Refusal("meeting.decisions", {"open": ", ".join(sorted(decided - linked))})
    if act.name == "close" and not {"next_on", "no_next_reason"} & act.payload.keys():
        return Refusal("meeting.no-next", {"act": act.name})
    if act.name in {"exchange", "adopt", "adopt-with-reservation"}:
        minutes = dossier.last("draft-minutes")
        if minutes is None or minutes.payload["minutes_hash"] != act.payload["minutes_hash"]:
            return Refusal("meeting.other-minutes", {"act": act.name})
    return None


def _reconciled_figures(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Go on only with the figures computed by one side and confirmed by the other (S40)."""
    del rule, arguments
    if act.name == "reconcile":
        computed, confirmed = dossier.last("compute"), dossier.last("confirm-figures")
        if computed is None or confirmed is None:
            return Refusal("statistics.unconfirmed", {"act": act.name})
        if act.payload["results_hash"] != computed.payload["results_hash"]:
            return Refusal("statistics.other-figures", {"act": act.name})
    if act.name in {"approve", "publish"}:
        checked = dossier.last("check-disclosure")
        if checked is None or act.payload["release_hash"] != checked.payload["release_hash"]:
            return Refusal("statistics.other-figures", {"act": act.name})
    return None


COOPERATION_GUARDS = (
    Guard("recognised-first", _recognised_first, ("S17",), reach=Reach.NATIONAL),
    Guard("recheck", _recheck, ("S8",), needs_fields=False, reach=Reach.NATIONAL),
    Guard("remedy-first", _remedy_first, ("S30",), reach=Reach.NATIONAL),
    Guard("document-dates", _document_dates),
    Guard("interview-conditions", _interview_conditions, ("S23", "S42"), reach=Reach.NATIONAL),
    Guard("rights-extension", _rights_extension, ("S24",), reach=Reach.NATIONAL),
    Guard("corrections-acknowledged", _corrections_acknowledged, ("S25",), needs_fields=False),
    Guard("judicial-authority", _judicial_authority, ("S46",), needs_fields=False),
    Guard("speciality", _speciality, ("S47",)),
    Guard("release-date", _release_date),
    Guard("consultation-first", _consultation_first),
    Guard("verified-by-the-other", _verified_by_the_other, needs_fields=False),
    Guard("quorum", _quorum),
    Guard("followed-up", _followed_up),
    Guard("reconciled-figures", _reconciled_figures, ("S40",)),
)
"""Guards of the other procedures."""
