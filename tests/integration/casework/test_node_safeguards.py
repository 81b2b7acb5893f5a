"""Safeguards that the node enforces beside the fold; the number stands in each name.

``tools/safeguards_red.py`` removes each on a copy and shows the tests of its number red.
"""

from __future__ import annotations

import ast
import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from tests.factories.files import decision
from tests.simulators.case_node import OFFICIALS, CaseNode, actor_of, official

from passerelle.exchange.header import parse_header
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.accounts.enums import Role
from passerelle.node.audit.models import AuditEntry
from passerelle.node.audit.queries import verify_chain
from passerelle.node.casework.access import cases_of, designate, open_in_emergency, take_charge
from passerelle.node.casework.models import Alert, Designation, Erasure
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.auditing import access_log, auditor_view
from passerelle.node.dossiers.copies import exact_copies
from passerelle.node.dossiers.folding import hear
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import folded, inbox, open_view
from passerelle.node.dossiers.related import related_of
from passerelle.node.dossiers.said import Said
from passerelle.node.dossiers.timers import run_timers
from passerelle.node.exchange.models import Entry, Peer
from passerelle.node.national.models import NationalEntry
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db

UPLOADS = {"edxl": "/dossiers/{case}/edxl", "answer": "/dossiers/{case}/answer"}
REASONS = {
    "hold-ordinary": ("hold", "case-officer", {"reason_code": "ordinary"}),
    "hold-appeal": ("hold", "safeguard-officer", {"reason_code": "appeal"}),
    "hold-illness": ("hold", "counsel", {"reason_code": "illness"}),
    "hold-family": ("hold", "court", {"reason_code": "family"}),
    "protection": ("raise-bar", "safeguard-officer", {"bar": "protection"}),
    "court-order": (
        "raise-bar",
        "court",
        {"bar": "court-order", "decision_reference": "SYN-C-1"},
    ),
    "minor": ("raise-bar", "case-officer", {"bar": "minor"}),
    "refugee": ("raise-bar", "counsel", {"bar": "refugee"}),
    "fear": ("state-fear", "counsel", {"way": "phone-note"}),
    "bar": ("bar", "court", {"legal_basis": "Article 33"}),
    "withdrawal": ("withdraw", "case-officer", {"reason_code": "other"}),
    "release": ("record-release", "case-officer", {}),
}
"""Every way into a pause: act, role, fields; the day is added where the act has one."""


def stop(node: CaseNode, case: str, reason: str) -> None:
    act, role, fields = REASONS[reason]
    today = node.clock.now().date().isoformat()
    dated = {"on": today} if act in {"raise-bar", "record-release"} else {}
    found = node.try_(case, act, role, **fields, **dated)
    assert not isinstance(found, Refusal), found.reason


def verifying(node: CaseNode, **fields: object) -> str:
    """Lead a file up to the partner's verification."""
    case = node.sent(**fields)
    node.deliver()
    node.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    node.answer(case, "start-verification")
    return case


def test_s03_every_pause_leaves_with_the_same_bytes_and_the_same_delay(node: CaseNode) -> None:
    seen = {}
    for number, reason in enumerate(REASONS):
        case = verifying(node, person=f"SYN-{number}")
        decided = node.clock.now()
        stop(node, case, reason)
        entry = Entry.objects.filter(case=case, log__direction="out").order_by("-idx")[0]
        header = parse_header(bytes(entry.header))
        node.deliver()
        body = node.bodies(case)[-1]
        assert header.body is not None
        seen[reason] = (
            body, header.kind, header.from_office, header.to_office, header.re, header.body.size,
            len(bytes(entry.header)) - len(str(header.index)) - len(str(header.seen)),
            (header.issued - decided).total_seconds(), (entry.at - decided).total_seconds(),
        )  # fmt: skip

    assert seen["hold-ordinary"][0]["act"] == "pause"
    assert len({repr(one) for one in seen.values()}) == 1
    assert next(iter(seen.values()))[-2:] == (0.0, 0.0)


def test_s12_no_route_takes_a_file_into_a_dossier() -> None:
    root = Path(domain.__file__).parents[2]
    takers = {
        path.relative_to(root).as_posix()
        for part in ("desk", "api")
        for path in (root / part).rglob("*.py")
        for found in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(found, ast.Attribute) and found.attr == "FILES")
        or (isinstance(found, ast.Name) and found.id == "UploadedFile")
    }
    inputs = {
        path.name
        for path in (root / "desk").rglob("*.html")
        if 'type="file"' in path.read_text("utf-8")
    }

    # Events, and answers of partners without a node: neither opens a dossier about a person.
    assert takers == {
        "api/events.py", "desk/views/events.py", "desk/views/edxl.py", "desk/views/paper.py",
    }  # fmt: skip
    assert inputs <= {"import.html", "answer.html", "edxl.html"}


@pytest.mark.parametrize("page", ["edxl", "answer"])
def test_s12_upload_to_a_file_about_a_person_is_refused(
    node: CaseNode, signed_in: Callable[..., Client], page: str
) -> None:
    case = node.sent()
    client = signed_in("cooperation", "approver", "case-officer")
    paper = SimpleUploadedFile("report.pdf", b"%PDF-1.7 police report")

    answer = client.post(UPLOADS[page].format(case=case), {"file": paper})

    assert answer.status_code in {403, 404, 409, 422}
    assert hear(case).n_closed == 0


def test_s12_what_comes_with_an_attachment_is_no_act_of_a_file(node: CaseNode) -> None:
    from passerelle.exchange.header import Attachment

    case = node.sent()
    node.deliver()
    shape = definition("identification")
    said = Said(
        "identification", shape.digest, "confirm-receipt", "requested", "consulate", "user:consul",
        {"receipt_hash": "b" * 64, "receiving_official": "Consul 3"},
    )  # fmt: skip
    paper = Attachment(1000, "c" * 64, "d" * 64, "on-demand")
    node.partner.say(said.to_body(), case=case, office="identification", seen=1, att=(paper,))
    node.push()

    assert node.state(case) == "sent"
    assert hear(case).n_closed == 1


def test_s20_no_query_returns_a_file_that_is_not_assigned(node: CaseNode) -> None:
    mine, other = node.open(person="SYN-1"), node.open(person="SYN-2")
    Designation.objects.filter(case=other, official="user:counsel").delete()
    now = node.clock.now()
    counsel = official("counsel")

    assert cases_of(counsel, now) == [mine]
    assert [row.case for row in inbox(actor=counsel, now=now)] == [mine]
    assert list(inbox()) == []
    assert list(inbox(actor=COMMAND_LINE, now=now)) == []


def test_s20_what_is_counted_tells_of_nobody(node: CaseNode) -> None:
    case = node.sent()

    (_, value), *rest = folded("identification")
    texts = repr([(step.act.payload, step.act.name) for step in value.steps])

    assert not rest
    assert value.case == case
    assert "Exemple" not in texts
    assert "SYN-person-1" not in texts
    assert "1990-01-01" not in texts
    assert "examined on the papers" not in texts


def test_s20_nothing_is_searched_by_name_and_nobody_is_scored() -> None:
    root = Path(domain.__file__).parents[2]
    words = ("icontains", "trigram", "SearchVector", "similarity", "levenshtein", "soundex")
    found = {
        (path.name, word)
        for part in ("node", "desk", "api", "procedures")
        for path in (root / part).rglob("*.py")
        for word in words
        if word in path.read_text("utf-8")
    }
    row = {field.name for field in Dossier._meta.get_fields()}

    assert found == set()
    assert not row & {"score", "rank", "risk", "weight", "names", "person"}


def test_s21_keys_of_one_part_open_nothing_of_another(node: CaseNode) -> None:
    case = node.open()
    keys = node.ours.keys

    assert keys.find(case, "identification") is not None
    assert keys.find(case, "judicial") is None
    assert keys.find(case, "cooperation") is None
    judicial = node.ours.identity.offices["judicial"].seal_key
    assert judicial != node.ours.identity.offices["identification"].seal_key


def test_s21_what_is_sealed_to_another_part_is_no_act_of_a_file(node: CaseNode) -> None:
    case = node.sent()
    node.deliver()
    shape = definition("identification")
    said = Said(
        "identification", shape.digest, "confirm-receipt", "requested", "consulate", "user:consul",
        {"receipt_hash": "b" * 64, "receiving_official": "Consul 3"},
    )  # fmt: skip
    node.partner.say(said.to_body(), case=case, office="judicial", seen=1)
    node.push()

    assert node.state(case) == "sent"


def test_s22_s23_the_lawyer_of_the_file_sees_it_and_holds_the_exact_copy(node: CaseNode) -> None:
    case = verifying(node)
    counsel = official("counsel")
    stranger = actor_of("user:other-counsel", Role.COUNSEL)

    view = open_view(case, node.clock.now(), actor=counsel, clock=node.clock, why="client")
    (copy,) = exact_copies(case, actor=counsel, clock=node.clock)

    assert view["state"] == "in-verification"
    assert copy.is_what_was_signed
    sent = next(one for one in node.bodies(case) if one["act"] == "send")
    assert copy.envelope == sent["payload"]["envelope"]
    notice = next(act for act in hear(case).acts if act.name == "send").payload["notice"]
    assert copy.digest == notice["payload_hash"]
    with pytest.raises(RefusedError, match="not designated"):
        exact_copies(case, actor=stranger, clock=node.clock)


def test_s26_every_reading_writing_and_sending_is_logged_without_content(node: CaseNode) -> None:
    case = node.sent()
    before = AuditEntry.objects.filter(subject=f"dossier:{case}").count()

    open_view(
        case, node.clock.now(), actor=official("case-officer"), clock=node.clock, why="weekly"
    )
    domain.check_act(
        case, "hold", {"reason_code": "illness"}, "counsel", actor=official("counsel"),
        clock=node.clock,
    )  # fmt: skip
    exact_copies(case, actor=official("counsel"), clock=node.clock)
    node.try_(case, "hold", "counsel", reason_code="illness")

    rows = list(AuditEntry.objects.filter(subject=f"dossier:{case}").order_by("number"))[before:]
    assert [(row.actor, row.action) for row in rows] == [
        ("user:case-officer", "cases.read"),
        ("user:counsel", "cases.check"),
        ("user:counsel", "cases.copy"),
        ("user:counsel", "cases.say"),
    ]
    assert rows[0].why == "weekly"
    written = repr([(row.action, row.old, row.new, row.why) for row in AuditEntry.objects.all()])
    for word in ("illness", "Exemple", "SYN-person-1", "protection", "hold"):
        assert word not in written


def test_s26_no_log_no_reading(node: CaseNode, monkeypatch: pytest.MonkeyPatch) -> None:
    case = node.open()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("passerelle.node.casework.access.record", fail)
    with pytest.raises(RuntimeError, match="full"):
        open_view(
            case, node.clock.now(), actor=official("case-officer"), clock=node.clock, why="weekly"
        )


def test_s26_the_log_is_append_only_and_tampering_is_found(node: CaseNode) -> None:
    node.open()
    for table in ("audit_auditentry", "national_nationalentry"):
        for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET at = at"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(verb)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = [row[0] for row in cursor.fetchall() if row[0].startswith("audit")]
            for name in names:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute("UPDATE audit_auditentry SET actor = 'nobody' WHERE number = 2")
            assert verify_chain().broken_at == 2


@pytest.mark.parametrize("role", [*OFFICIALS.values(), Role.AUDITOR, Role.OPERATOR, Role.PLANNER])
def test_s27_whoever_is_not_designated_opens_nothing(node: CaseNode, role: Role) -> None:
    case = node.open()
    stranger = actor_of("user:stranger", role)

    with pytest.raises(RefusedError):
        open_view(case, node.clock.now(), actor=stranger, clock=node.clock)
    with pytest.raises(RefusedError):
        domain.say(case, "submit", {}, "case-officer", actor=stranger, clock=node.clock)
    with pytest.raises(RefusedError):
        designate(case, "user:stranger", actor=stranger, clock=node.clock) if (
            role is not Role.APPROVER
        ) else open_view(case, node.clock.now(), actor=stranger, clock=node.clock)


def test_s27_the_command_line_opens_no_file(node: CaseNode) -> None:
    case = node.open()

    with pytest.raises(RefusedError, match="named officials"):
        open_view(case, node.clock.now(), actor=COMMAND_LINE, clock=node.clock)
    with pytest.raises(RefusedError, match="named officials"):
        domain.say(case, "submit", {}, "case-officer", actor=COMMAND_LINE, clock=node.clock)
    with pytest.raises(RefusedError, match="designated official"):
        open_view(case, node.clock.now())


def test_s27_emergency_access_needs_a_reason_alerts_and_ends(node: CaseNode) -> None:
    case = node.open()
    stranger = actor_of("user:night-officer", Role.CASE_OFFICER)

    with pytest.raises(RefusedError, match="reason"):
        open_in_emergency(case, why="urgent", actor=stranger, clock=node.clock)
    open_in_emergency(case, why="court calls at night", actor=stranger, clock=node.clock)
    open_view(case, node.clock.now(), actor=stranger, clock=node.clock)

    alert = Alert.objects.get()
    assert (alert.kind, alert.case, alert.official) == (
        "emergency-access", case, "user:night-officer",
    )  # fmt: skip
    node.clock.advance(timedelta(hours=25))
    with pytest.raises(RefusedError, match="not designated"):
        open_view(case, node.clock.now(), actor=stranger, clock=node.clock)


def test_s27_a_file_in_charge_is_not_taken_by_another(node: CaseNode) -> None:
    case = node.open()

    with pytest.raises(RefusedError, match="its officials already"):
        take_charge(case, actor=actor_of("user:other", Role.CASE_OFFICER), clock=node.clock)


def test_s32_after_erasure_nothing_opens_and_the_proof_stands(
    node: CaseNode, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    from passerelle.node.exchange.health import examine_exchange
    from passerelle.node.national.queries import examine_national

    case = verifying(node)
    node.answer(case, "not-recognise", **decision(reasons_code="no-entry"))
    node.say(case, "refer-statelessness", "safeguard-officer")
    node.say(case, "request-deletion", "case-officer")
    node.say(case, "close", "case-officer", balance="N")
    node.deliver()
    node.clock.advance(timedelta(days=20))
    node.refresh_trust()
    early = node.try_(case, "erase", "dpo", key_destroyed=node.ours.keys.fingerprint(case) or "")
    assert isinstance(early, Refusal)
    assert early.code == "retention.running"
    node.clock.advance(timedelta(days=360))
    node.refresh_trust()
    with django_capture_on_commit_callbacks(execute=True):
        assert run_timers(node.clock) == 1
        domain.take_in(node.clock)
    assert Erasure.objects.get(case=case).done_at is None, "the erasure has yet to reach ma"
    with django_capture_on_commit_callbacks(execute=True):
        node.deliver()

    assert Erasure.objects.get(case=case).done_at is not None
    assert node.ours.keys.find(case) is None
    assert hear(case).acts == ()
    assert related_of("", "identification", "requesting") == ()
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_view(case, node.clock.now(), actor=official("dpo"), clock=node.clock)
    assert examine_national(node.ours).is_good
    assert all(one.is_good for one in examine_exchange() if one.name.startswith("exchange.log"))
    assert node.bodies(case)[-1]["act"] == "erase"


def test_s37_the_brake_empties_the_outbox_and_pauses_leave_after_it(node: CaseNode) -> None:
    case = verifying(node, person="SYN-1")
    waiting = node.sent(person="SYN-2")
    n_frames = len(node.frames)

    domain.pull_brake("fr-ma", why="incident", actor=official("approver"), clock=node.clock)
    node.deliver()
    assert len(node.frames) == n_frames
    assert Peer.objects.get().state == "suspended"
    refused = node.open(person="SYN-3")
    node.say(refused, "submit", "case-officer")
    node.say(refused, "review", "safeguard-officer", gates=node.gates(refused))
    result = node.try_(refused, "send", "approver", **node.sending())
    assert isinstance(result, Refusal)
    assert result.code == "corridor.braked"
    stop(node, case, "protection")
    assert node.state(case) == "held"
    assert Dossier.objects.get(pk=case).is_owed
    node.deliver()
    assert len(node.frames) == n_frames

    domain.release_brake("fr-ma", why="over", actor=official("approver"), clock=node.clock)
    domain.take_in(node.clock)
    node.deliver()
    assert not Dossier.objects.get(pk=case).is_owed
    assert [one["act"] for one in node.bodies(case)] == ["send", "pause"]
    assert [one["act"] for one in node.bodies(waiting)] == ["send"]


def test_s38_an_incident_holds_every_active_file_of_the_corridor(node: CaseNode) -> None:
    active, early = verifying(node, person="SYN-1"), node.ready(person="SYN-2")
    document = node.used_document(person="SYN-3")

    domain.say(
        document, "report-incident",
        {"on": node.clock.now().date().isoformat(), "incident_code": "arrest"}, "monitor",
        actor=official("monitor"), clock=node.clock,
    )  # fmt: skip

    assert (node.state(active), node.state(early)) == ("held", "held-early")
    assert Dossier.objects.get(pk=document).due_name == "review-risk"
    assert Alert.objects.filter(kind="incident", case=document).exists()
    node.deliver()
    assert node.bodies(active)[-1]["act"] == "pause"


def test_s49_who_reads_storage_logs_traffic_and_backup_reads_no_word(
    node: CaseNode, caplog: pytest.LogCaptureFixture
) -> None:
    canary, quiet = "Kanarienvogel", "Canari tranquille dans la marge du dossier"
    caplog.set_level(logging.DEBUG)
    case = node.open(decision_authority=canary)
    node.say(case, "submit", "case-officer")
    reviewed = node.gates(case, S8={"reasons": quiet})
    node.say(case, "review", "safeguard-officer", gates=reviewed)
    node.say(case, "send", "approver", **node.sending(names=f"Exemple {canary}"))
    node.deliver()
    stop(node, case, "fear")
    node.try_(case, "submit", "case-officer")
    node.deliver()

    assert f"Exemple {canary}" in repr(node.bodies(case))
    assert quiet in repr([act.payload for act in hear(case).acts])
    places = {
        "database": node.dump(),
        "frames": b"".join(node.frames),
        "keys": b"".join(
            path.read_bytes() for path in node.ours.folder.rglob("*") if path.is_file()
        ),
        "logs": caplog.text.encode(),
    }
    for place, data in places.items():
        assert data, place
        for word in (canary, quiet, "state-fear", "phone-note"):
            assert word.encode() not in data, (place, word)


def test_s50_the_auditor_sees_every_hold_and_reading_and_no_content(node: CaseNode) -> None:
    held = [verifying(node, person=f"SYN-{n}") for n in range(3)]
    for case, reason in zip(held, ("protection", "fear", "hold-ordinary"), strict=True):
        stop(node, case, reason)
    auditor = actor_of("user:auditor", Role.AUDITOR)

    view = auditor_view(actor=auditor, clock=node.clock)
    lines = access_log(actor=auditor, clock=node.clock)

    assert [(one.state, one.n_files) for one in view.holds] == [("held", 3)]
    assert view.faults == ()
    assert view.n_national == NationalEntry.objects.count()
    assert {line.actor for line in lines} >= {"user:safeguard-officer", "user:counsel"}
    shown = repr((view, lines))
    for word in ("protection", "fear", "Exemple", "SYN-"):
        assert word not in shown
    with pytest.raises(RefusedError):
        open_view(held[0], node.clock.now(), actor=auditor, clock=node.clock)
    with pytest.raises(RefusedError):
        auditor_view(actor=official("case-officer"), clock=node.clock)


def test_s50_a_command_line_is_no_way_round(node: CaseNode) -> None:
    case = node.open()
    everybody = Actor("user:administrator", frozenset({Role.OPERATOR}))

    for act, role in (("submit", "case-officer"), ("review", "safeguard-officer")):
        with pytest.raises(RefusedError):
            domain.say(case, act, {}, role, actor=everybody, clock=node.clock)
    refusals = AuditEntry.objects.filter(action="cases.refused", actor="user:administrator")
    assert refusals.count() == 2
