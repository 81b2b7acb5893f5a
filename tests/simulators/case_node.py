"""A node ``fr`` with its database, officials by role, and a partner ``ma`` made of keys and machines.

The partner is scripted: what it says is signed, sealed and pushed as any peer's, and what it receives it opens with
its own keys. Only synthetic persons.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from tests.factories.files import PROFILE, decision, envelope, gates, prepare
from tests.simulators.exchange_partner import Partner

from passerelle.exchange.header import Header, parse_header
from passerelle.exchange.jcs import read_object
from passerelle.exchange.seal import EntryKey, open_content
from passerelle.kernel.canonical import digest
from passerelle.kernel.times import format_instant
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.enums import Role
from passerelle.node.casework.access import designate
from passerelle.node.dossiers import domain, profiles
from passerelle.node.dossiers.kinds import office_of
from passerelle.node.dossiers.models import Corridor, Dossier, ProfileVersion
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import identity, peers, receiving
from passerelle.node.exchange.acts import Release
from passerelle.node.exchange.models import Cursor, Entry, Peer
from passerelle.node.exchange.transport import Answer
from passerelle.node.exchange.worker import ExchangeWorker
from passerelle.procedures.loading import definition
from passerelle.procedures.profile_document import write_profile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.exchange.station import Station
    from passerelle.procedures.values import Refusal

__all__ = ["OFFICIALS", "CaseNode", "actor_of", "official"]

OFFICIALS = {
    "case-officer": Role.CASE_OFFICER,
    "safeguard-officer": Role.SAFEGUARD,
    "approver": Role.APPROVER,
    "court": Role.COURT,
    "counsel": Role.COUNSEL,
    "dpo": Role.DATA_PROTECTION,
    "monitor": Role.MONITOR,
    "consulate": Role.CONSULATE,
}
"""One official a role of the procedure."""


def official(role: str) -> Actor:
    """Return the official of a role."""
    return Actor(f"user:{role}", frozenset({OFFICIALS[role]}))


def actor_of(label: str, role: Role) -> Actor:
    """Return somebody with one role of the node."""
    return Actor(label, frozenset({role}))


class CaseNode:
    """Drive the node under test and its partner."""

    def __init__(self, ours: Station, folder: Path, clock: FixedClock) -> None:
        self.clock, self.ours = clock, ours
        self.partner = Partner(folder, ours, clock)
        self.frames: list[bytes] = []
        self.n_seen = 0

    def introduce(self) -> None:
        """Let the two nodes know each other and agree a corridor of persons."""
        self.partner.introduce()
        Peer.objects.filter(pk="ma").update(state="active")
        first = Actor("user:directorate", frozenset({Role.COOPERATION}))
        second = Actor("user:director", frozenset({Role.APPROVER}))
        domain.agree_corridor("fr-ma", "ma", "FR", "MA", actor=first, clock=self.clock)
        profiles.import_preset("fr-ma", "bilateral-14", actor=first, clock=self.clock)
        version = profiles.complete_profile(
            "fr-ma", 1, write_profile(PROFILE), actor=first, clock=self.clock
        )
        profiles.activate_profile("fr-ma", version.number, actor=second, clock=self.clock)

    @property
    def corridor(self) -> Corridor:
        return Corridor.objects.get()

    @property
    def profile(self) -> ProfileVersion:
        return ProfileVersion.objects.order_by("-number")[0]

    @property
    def profile_in_force(self) -> ProfileVersion:
        return ProfileVersion.objects.exclude(active_from=None).order_by("-number")[0]

    def open(self, **fields: Any) -> str:
        """Open a file of identification and designate the officials of every role."""
        found = domain.open_case(
            "ma", "identification", "prepare", prepare(**fields), "case-officer",
            actor=official("case-officer"), clock=self.clock,
        )  # fmt: skip
        assert isinstance(found, str), found
        self.designate(found)
        return found

    def designate(self, case: str) -> None:
        """Designate every official for a file."""
        for role in OFFICIALS:
            designate(
                case, f"user:{role}", actor=official("approver"), clock=self.clock, why="test"
            )

    def try_(self, case: str, act: str, role: str, **fields: Any) -> Release | Refusal:
        """Say an act that may be refused."""
        return domain.say(case, act, fields, role, actor=official(role), clock=self.clock)

    def say(self, case: str, act: str, role: str, **fields: Any) -> Release:
        """Say an act that must be taken in."""
        found = self.try_(case, act, role, **fields)
        assert isinstance(found, Release), found
        self.clock.advance(timedelta(minutes=10))
        return found

    def ready(self, **fields: Any) -> str:
        """Lead a file up to the review passed."""
        case = self.open(**fields)
        self.say(case, "submit", "case-officer")
        self.say(case, "review", "safeguard-officer", gates=self.gates(case))
        return case

    def gates(self, case: str, **changes: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer all gates for a file, each with reasons of its own."""
        found = gates(self.clock.now().date())
        for row in found:
            row["reasons"] += f" File {case[:8]}, day {row['on']}, hour {self.clock.now():%H:%M}."
            row.update(changes.get(row["gate"], {}))
        return found

    def sent(self, **fields: Any) -> str:
        """Lead a file up to the sending; nothing is delivered yet."""
        case = self.ready(**fields)
        self.say(case, "send", "approver", **self.sending())
        return case

    def sending(self, **changes: Any) -> dict[str, Any]:
        """Build the fields of a sending whose notice came an hour before."""
        found = envelope(**changes)
        return {
            "envelope": found,
            "transfer_basis": PROFILE.transfer_basis.name if PROFILE.transfer_basis else "",
            "notice": {
                "delivered_at": format_instant(self.clock.now() - timedelta(hours=1)),
                "language": "ar",
                "payload_hash": digest(found),
                "remedy_body": "Administrative court",
                "remedy_until": "2024-06-01",
                "copy_to_counsel": True,
            },
        }

    def deliver(self) -> None:
        """Let the worker send until nothing is left; receipts come back at once."""
        Cursor.objects.update(next_due=0.0, lease_until=0.0)
        worker = ExchangeWorker(self.clock, self, rng=lambda: 0.0)  # type: ignore[arg-type]
        while worker.round():
            pass
        domain.take_in(self.clock)

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Carry a push into the partner; called by the worker."""
        del endpoints, path
        self.frames.append(data)
        reply = self.partner.take(data)
        return Answer(reply.status, reply.body)

    def answer(self, case: str, act: str, *, _re: bool = False, **fields: Any) -> None:
        """Let the partner's consulate say an act, and take it in; ``_re`` names our last act."""
        procedure = Dossier.objects.get(pk=case).procedure
        shape = definition(procedure)
        rule = shape.acts[act]
        said = Said(procedure, shape.digest, act, "requested", rule.who[0], "user:consul", fields)
        n_held = len(self.partner.received)
        if _re:
            self.deliver()
        sent = Entry.objects.filter(case=case, log__direction="out").order_by("-idx")
        self.partner.say(
            said.to_body(), case=case, office=office_of(procedure),
            seen=len(self.partner.received) if _re else n_held,
            re=(sent[0].entry_id,) if _re else (),
        )  # fmt: skip
        self.push()

    def push(self) -> None:
        """Deliver what the partner said."""
        log = self.partner.origin.log_id
        held = self.n_seen
        self.n_seen = len(self.partner.entries)
        receiving.take_push(log, self.partner.frame(held), self.clock)
        domain.take_in(self.clock)

    def refresh_trust(self) -> None:
        """Let both nodes publish anew, as their workers do every day."""
        now = self.clock.now()
        identity.publish(self.partner.folder, now)
        trust = self.partner.folder / "trust"
        peers.refresh_peer("ma", peers.fetch_from_folder(trust), self.clock)

    def used_document(self, **fields: Any) -> str:
        """Lead a file and its travel document up to the return."""
        case = self.sent(**fields)
        self.deliver()
        self.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
        self.answer(case, "start-verification")
        self.answer(case, "recognise", basis=["A1"], **decision())
        found = domain.open_case(
            "ma", "travel-document", "open", {"identification": case}, "safeguard-officer",
            actor=official("safeguard-officer"), clock=self.clock,
        )  # fmt: skip
        assert isinstance(found, str), found
        self.designate(found)
        today = self.clock.now().date()
        fresh = [row for row in self.gates(found) if row["gate"] == "S8"]
        self.say(found, "recheck", "safeguard-officer", gates=fresh)
        basis = PROFILE.transfer_basis.name if PROFILE.transfer_basis else ""
        self.say(found, "request-document", "approver", identification=case, transfer_basis=basis)
        self.deliver()
        self.answer(
            found, "issue", document_hash="e" * 64, issued_on=today.isoformat(),
            valid_until=(today + timedelta(days=90)).isoformat(), in_useful_time=True,
            official="Consul 3",
        )  # fmt: skip
        now = self.clock.now()
        self.say(
            found, "hand-over", "case-officer", notice_at=format_instant(now),
            remedy_until=format_instant(now + timedelta(hours=72)), remedy_body="Administrative court",
            remedy_text="Appeal within 72 hours.",
        )  # fmt: skip
        self.clock.advance(timedelta(hours=80))
        used = self.clock.now().date().isoformat()
        self.say(found, "use", "case-officer", on=used)
        return found

    def dump(self) -> bytes:
        """Return every value of every table, as a backup of the database holds it."""
        found: list[bytes] = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {table}")
                for row in cursor.fetchall():
                    found += [
                        bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode()
                        for one in row
                    ]
        return b"\n".join(found)

    def state(self, case: str) -> str:
        """Return the state of a file as the summary has it."""
        return Dossier.objects.get(pk=case).state

    def seen_by_partner(self, case: str) -> list[tuple[Header, bytes | None]]:
        """Return what the partner holds of a file: headers, and contents as far as it can open them."""
        found = []
        for data, body in self.partner.received:
            header = parse_header(data)
            if header.case == case:
                found.append((header, self._open(header, body)))
        return found

    def bodies(self, case: str) -> list[dict[str, Any]]:
        """Return the acts of a file as the partner reads them."""
        return [
            dict(read_object(body)) for _, body in self.seen_by_partner(case) if body is not None
        ]

    def _open(self, header: Header, body: bytes) -> bytes | None:
        if header.body is None or not body:
            return None
        from passerelle.node.exchange.content import entry_key

        class _Theirs:
            identity = self.partner.keys

        key: EntryKey | None = entry_key(_Theirs, None, header)  # type: ignore[arg-type]
        assert key is not None
        return open_content(key, body, header.body.commit)
