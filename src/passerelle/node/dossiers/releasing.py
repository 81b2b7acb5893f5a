"""Let an act leave, as far as it may: what the partner gets is what the definition lets out, and no more.

On the side that holds what never leaves, every own act about a person is written in full into the national log;
what :func:`to_shared` gives of it, if anything, goes into the log between the nodes in the same transaction. A
pause leaves at once, whatever its reason: same transaction, same office, kind, name, role, person, fields, and
so the same bytes and the same delay (S3). When the exchange releases nothing just then (brake, suspended peer),
the pause is owed and leaves with the next :func:`release_owed`.

When a file is held, what was released about the person and is not receipted is taken back: its content is
destroyed here, the frame goes out with an empty body in its place. Such a file is spent; see :func:`is_spent`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.exchange.header import Kind
from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.corridors import require_free
from passerelle.node.dossiers.health import find_altered_profile
from passerelle.node.dossiers.kinds import is_sheltered, kind_of, office_of, sheltered_kind
from passerelle.node.dossiers.paper import is_paper
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange.acts import NewAct, Release, ReleaseRefusal, release_act
from passerelle.node.exchange.models import Body, Cursor, Entry
from passerelle.node.exchange.station import station
from passerelle.node.national.domain import NationalAct, append
from passerelle.node.national.queries import find_fault
from passerelle.procedures.definition import StateKind
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import find_leak, home_side, shown_state, to_shared

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.dossiers.models import Corridor
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.values import Act, Step

__all__ = ["Speech", "find_owed", "is_spent", "release", "release_owed", "require_whole"]


@dataclass(frozen=True, slots=True)
class Speech:
    """Hold an act that the procedure has taken in, ready to be written down.

    Parameters
    ----------
    corridor, case
        Where it is said.
    event
        Code of the event that the dossier serves.
    before
        Number of steps before it.
    dossier
        The dossier after it.
    re
        Acts that it answers.
    """

    corridor: Corridor
    case: str
    event: str
    before: int
    dossier: DossierValue
    re: tuple[str, ...] = ()

    @property
    def procedure(self) -> str:
        """Name of the procedure."""
        return self.dossier.definition.id

    @property
    def step(self) -> Step | None:
        """The step of the act; ``None`` when it was set aside."""
        steps = self.dossier.steps[self.before :]
        return next((step for step in steps if step.act.id == "draft"), None)

    @property
    def act(self) -> Act:
        """The act."""
        if self.step is not None:
            return self.step.act
        return next(act for act in self.dossier.waiting if act.id == "draft")


def release(speech: Speech, clock: Clock) -> Release:
    """Write an act down and let leave what may.

    Raises
    ------
    RefusedError
        When something would leave that must not, the brake is on, the national log is not whole, or the
        exchange cannot release.
    """
    act, step = speech.act, speech.step
    if is_paper(speech.corridor.peer):
        require_free(speech.corridor)
        return _keep(speech, None, clock)
    shown = act if step is None else to_shared(speech.dossier.definition, step)
    if not is_sheltered(speech.procedure):
        if shown is None:
            raise _national(act.name)
        require_free(speech.corridor)
        return _send(speech, shown, kind_of(act.name), clock)
    is_home = home_side(definition(speech.procedure)) == act.side
    if shown is not None and shown.name == act.name:
        require_free(speech.corridor)
        if is_home:
            require_whole()
        kind = sheltered_kind(opens=not Entry.objects.filter(case=speech.case).exists())
        sent: Release | None = _send(speech, shown, kind, clock)
    else:
        sent = None if shown is None else _pause(speech, shown, clock)
    if not is_home:
        assert sent is not None
        return sent
    kept = _keep(speech, sent, clock)
    if step is not None and _is_held(speech.dossier, step.after):
        _take_back(speech)
    return kept if sent is None else sent


def release_owed(corridor: Corridor, dossier: DossierValue, event: str, clock: Clock) -> bool:
    """Let the pause leave that the partner is owed; tell whether one left.

    The partner is owed what its view of the file lacks: the file is held, and no pause left since it last
    changed for the partner.
    """
    owed = find_owed(dossier)
    if owed is None:
        return False
    speech = Speech(corridor, dossier.case, event, 0, dossier)
    shown = to_shared(dossier.definition, owed)
    assert shown is not None
    return _pause(speech, shown, clock) is not None


def is_spent(case: str) -> bool:
    """Tell whether something said about the person was taken back before it arrived.

    The partner then holds an entry without content. Nothing more can be said in this file than that it is
    withdrawn; the matter takes a new one.
    """
    sent = Entry.objects.filter(case=case, log__direction="out")
    return sent.filter(body__isnull=True).exists()


def require_whole() -> None:
    """Refuse to let anything leave while the national log is not whole.

    Raises
    ------
    RefusedError
        With code ``national.broken``.
    """
    fault = find_fault(station()) or find_altered_profile()
    if fault:
        raise RefusedError(
            "Nothing about a person leaves: the record of this node is not whole ({fault}). "
            "Run passerelle doctor.",
            code="national.broken",
            fault=fault,
        )


def _send(speech: Speech, shown: Act, kind: Kind, clock: Clock) -> Release:
    sent = set(Entry.objects.filter(entry_id__in=speech.re).values_list("entry_id", flat=True))
    re = tuple(one for one in speech.re if one in sent or not is_sheltered(speech.procedure))
    released = _try(speech, shown, kind, clock, re)
    if isinstance(released, Release):
        return released
    raise RefusedError(
        "The exchange does not release now: {detail}.",
        code=released.code,
        detail=released.detail,
    )


def _pause(speech: Speech, shown: Act, clock: Clock) -> Release | None:
    """Release a neutral act; ``None`` when it must wait, whatever its reason."""
    if speech.corridor.suspensions.filter(ended_at=None).exists():
        return None
    released = _try(speech, shown, Kind.CASE_UPDATE, clock)
    return released if isinstance(released, Release) else None


def _try(
    speech: Speech, shown: Act, kind: Kind, clock: Clock, re: tuple[str, ...] = ()
) -> Release | ReleaseRefusal:
    """Release an act, after the last check: it is what may leave, field by field."""
    found = definition(speech.procedure)
    leak = find_leak(found, shown.name, shown.payload)
    if leak is not None:
        raise RefusedError("{reason}", code=leak.code, reason=leak.reason)
    said = Said(
        speech.procedure, found.digest, shown.name, shown.side, shown.role, shown.person,
        shown.payload, speech.event,
    )  # fmt: skip
    office = office_of(speech.procedure)
    return release_act(
        NewAct(
            peer=speech.corridor.peer, kind=kind, case=speech.case, body=said.to_body(), re=re,
            from_office=office, to_office=office,
        ),
        clock=clock,
    )  # fmt: skip


def _keep(speech: Speech, sent: Release | None, clock: Clock) -> Release:
    act = speech.act
    said = Said(
        speech.procedure, speech.dossier.definition.digest, act.name, act.side, act.role,
        act.person, act.payload, speech.event,
    )  # fmt: skip
    row = append(
        NationalAct(
            peer=speech.corridor.peer,
            case=speech.case,
            office=office_of(speech.procedure),
            body=said.to_body(),
            shared="" if sent is None else sent.entry_id,
            place=-1 if sent is None else sent.index,
            re=act.re,
        ),
        clock=clock,
    )
    return Release(row.entry_id, row.log_id, row.idx)


def _take_back(speech: Speech) -> None:
    """Destroy the content of what was said about the person and is not receipted; pauses stay."""
    contacts = {
        step.act.id for step in speech.dossier.steps if not _is_neutral(speech.dossier, step)
    }
    sent = Entry.objects.filter(case=speech.case, log__direction="out", entry_id__in=contacts)
    for row in sent.select_related("log__cursor"):
        cursor: Cursor = row.log.cursor
        if row.idx >= cursor.cosigned:
            Body.objects.filter(entry=row).delete()


def _is_neutral(dossier: DossierValue, step: Step) -> bool:
    rule = dossier.definition.acts[step.act.name]
    return rule.shown_as != rule.name


def _is_held(dossier: DossierValue, state: str) -> bool:
    return dossier.definition.states[state].kind is StateKind.HOLD


def find_owed(dossier: DossierValue) -> Step | None:
    """Return the step that the partner should have seen as a pause and has not; ``None`` as a rule."""
    found = dossier.definition
    for step in reversed(dossier.steps):
        if shown_state(found, step.before) == shown_state(found, step.after):
            continue
        if not (_is_neutral(dossier, step) and step.act.sub):
            return None
        later = Entry.objects.filter(
            case=dossier.case, log__direction="out", idx__gt=step.act.index
        )
        return None if later.exists() else step
    return None


def _national(name: str) -> RefusedError:
    return RefusedError(
        "“{act}” does not leave the state; this procedure has no national log.",
        code="act.national",
        act=name,
    )
