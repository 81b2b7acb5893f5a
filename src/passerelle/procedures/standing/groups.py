"""A joint group: its charter, its meetings, what it decided, what became of it, and whether it sleeps.

The group is named by the charter in the calls of its meetings, within one corridor. It is *dormant*
when more days have passed since minutes were last adopted by both than its charter allows; a group
whose minutes were never adopted counts from what its charter says of the time before, else from its
first call. Silence is not adoption.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from passerelle.kernel.canonical import digest
from passerelle.kernel.times import parse_instant
from passerelle.procedures.reinforcement.terms import rows_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier

__all__ = ["Charter", "Decision", "Group", "Meeting", "group_key", "read_groups", "read_meeting"]

ADOPTED = ("adopt", "adopt-with-reservation")


@dataclass(frozen=True, slots=True)
class Charter:
    """Hold the rules of a joint group.

    Parameters
    ----------
    name
        Name of the group.
    quorum
        People who must be present.
    languages
        Working languages.
    dispute_step
        Where a dispute goes.
    period_days
        Within how many days minutes must be adopted again.
    last_adopted
        Day on which minutes were last adopted before the group came into the register.
    """

    name: str
    quorum: int
    languages: tuple[str, ...]
    dispute_step: str
    period_days: int
    last_adopted: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold one decision of a meeting.

    Parameters
    ----------
    code, text
        Number in the minutes, and wording.
    owner, due_on
        Who carries it out and until when, as far as the minutes say.
    commitment
        Dossier of the commitment that it became; empty before.
    """

    code: str
    text: str
    owner: str
    due_on: date | None
    commitment: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Hold one meeting as both sides read it.

    Parameters
    ----------
    case, corridor, state
        Dossier, corridor and state of the procedure.
    charter
        Charter under which it was called.
    starts_at, place
        When and where.
    called_at
        When it was called.
    agenda
        Agreed items; the proposed ones before both have agreed.
    held_on, present
        Day of the sitting, people of each side; ``None`` before.
    decisions
        Decisions of the newest minutes.
    minutes
        Digest of the newest minutes; empty before.
    adopted_at, reservation
        When both had adopted, and with which reservation.
    next_on, no_next
        Next date, or why there is none; after it is closed.
    """

    case: str
    corridor: str
    state: str
    charter: Charter
    starts_at: datetime
    place: str
    called_at: datetime
    agenda: tuple[str, ...]
    held_on: date | None
    present: tuple[int, int] | None
    decisions: tuple[Decision, ...]
    minutes: str
    adopted_at: datetime | None
    reservation: str
    next_on: date | None
    no_next: str

    @property
    def open_decisions(self) -> int:
        """Decisions that have become no commitment yet."""
        return sum(not one.commitment for one in self.decisions)


@dataclass(frozen=True, slots=True)
class Group:
    """Hold one joint group and its meetings, newest first.

    Parameters
    ----------
    key
        Stable key of corridor and name.
    corridor
        Corridor.
    parties
        The two states.
    meetings
        Meetings, newest first, at least one.
    today
        Day for which it is asked.
    """

    key: str
    corridor: str
    parties: tuple[str, str]
    meetings: tuple[Meeting, ...]
    today: date

    @property
    def charter(self) -> Charter:
        """The charter as last stated."""
        return max(self.meetings, key=lambda one: one.called_at).charter

    @property
    def last_adopted(self) -> date | None:
        """Day on which minutes were last adopted by both."""
        days = [one.adopted_at.date() for one in self.meetings if one.adopted_at is not None]
        return max(days, default=self.charter.last_adopted)

    @property
    def silent_days(self) -> int:
        """Days since minutes were last adopted, else since the first call."""
        since = self.last_adopted or min(one.called_at.date() for one in self.meetings)
        return max((self.today - since).days, 0)

    @property
    def is_dormant(self) -> bool:
        """Whether the period of the charter has passed."""
        return self.silent_days > self.charter.period_days

    @property
    def wakes_by(self) -> date:
        """Last day on which adopting minutes keeps it awake."""
        return self.today + timedelta(days=self.charter.period_days - self.silent_days)

    @property
    def next_on(self) -> date | None:
        """Next date: of a meeting called and not yet held, else as agreed at the last closing."""
        called = [
            one.starts_at.date()
            for one in self.meetings
            if one.state in {"called", "agenda-agreed"} and one.starts_at.date() >= self.today
        ]
        agreed = [one.next_on for one in self.meetings if one.next_on and one.next_on >= self.today]
        return min(called or agreed, default=None)

    def to_json(self) -> dict[str, Json]:
        """Return the group as plain data, for exports and the public page."""
        return {
            "group": self.charter.name,
            "corridor": self.corridor,
            "parties": list(self.parties),
            "as_of": self.today.isoformat(),
            "period_days": self.charter.period_days,
            "last_adopted": None if self.last_adopted is None else self.last_adopted.isoformat(),
            "silent_days": self.silent_days,
            "dormant": self.is_dormant,
            "next_on": None if self.next_on is None else self.next_on.isoformat(),
            "meetings": [
                {
                    "held_on": None if one.held_on is None else one.held_on.isoformat(),
                    "state": one.state,
                    "adopted_on": None
                    if one.adopted_at is None
                    else one.adopted_at.date().isoformat(),
                    "decisions": [
                        {"decision": decision.code, "text": decision.text}
                        for decision in one.decisions
                    ],
                }
                for one in self.meetings
            ],
        }


def group_key(corridor: str, name: str) -> str:
    """Return the key of a group: it goes into addresses and tells nothing."""
    return digest([corridor, " ".join(name.split()).casefold()])[:16]


def read_meeting(dossier: Dossier) -> Meeting:
    """Read a meeting from its dossier."""
    called = dossier.last("call") or dossier.opened
    agenda, held = dossier.last("agree-agenda"), dossier.last("hold")
    minutes, adopted, closed = (
        dossier.last("draft-minutes"),
        dossier.last(*ADOPTED),
        dossier.last("close"),
    )
    decisions: tuple[Mapping[str, Any], ...] = (
        () if minutes is None else tuple(rows_of(minutes.payload, "decisions"))
    )
    became = {
        text_of(one.payload, "decision"): text_of(one.payload, "commitment_case")
        for one in dossier.effective("link-decision")
    }
    return Meeting(
        case=dossier.case,
        corridor=dossier.procedure.corridor.id,
        state=dossier.state,
        charter=_charter(called.payload["charter"]),
        starts_at=parse_instant(text_of(called.payload, "starts_at")),
        place=text_of(called.payload, "place"),
        called_at=dossier.opened.at,
        agenda=texts_of(called.payload, "items_proposed")
        if agenda is None
        else texts_of(agenda.payload, "agenda"),
        held_on=None if held is None else date.fromisoformat(text_of(held.payload, "on")),
        present=None
        if held is None
        else (
            int(text_of(held.payload, "present_first")),
            int(text_of(held.payload, "present_second")),
        ),
        decisions=tuple(
            Decision(
                row["decision"],
                row["text"],
                row.get("owner", ""),
                _day(row.get("due_on", "")),
                became.get(row["decision"], ""),
            )
            for row in decisions
        ),
        minutes="" if minutes is None else text_of(minutes.payload, "minutes_hash"),
        adopted_at=None if adopted is None else adopted.at,
        reservation="" if adopted is None else text_of(adopted.payload, "reservation"),
        next_on=None if closed is None else _day(text_of(closed.payload, "next_on")),
        no_next="" if closed is None else text_of(closed.payload, "no_next_reason"),
    )


def read_groups(dossiers: Iterable[Dossier], today: date) -> tuple[Group, ...]:
    """Read the joint groups from the dossiers of their meetings, by name."""
    found: dict[str, list[Meeting]] = {}
    parties: dict[str, tuple[str, str]] = {}
    for dossier in dossiers:
        meeting = read_meeting(dossier)
        key = group_key(meeting.corridor, meeting.charter.name)
        found.setdefault(key, []).append(meeting)
        parties[key] = dossier.procedure.corridor.parties
    groups = [
        Group(
            key=key,
            corridor=meetings[0].corridor,
            parties=parties[key],
            meetings=tuple(sorted(meetings, key=lambda one: one.starts_at, reverse=True)),
            today=today,
        )
        for key, meetings in found.items()
    ]
    return tuple(sorted(groups, key=lambda one: (one.charter.name, one.corridor)))


def _charter(record: Any) -> Charter:  # Any: a record that the schema has checked
    return Charter(
        name=record["group_name"],
        quorum=record["quorum"],
        languages=tuple(record["working_languages"]),
        dispute_step=record["dispute_step"],
        period_days=record["period_days"],
        last_adopted=_day(text_of(record, "last_adopted")),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
