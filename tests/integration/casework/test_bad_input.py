"""Bad input and faults: refused or detected, named, logged; nothing leaves."""

from __future__ import annotations

import base64
import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from tests.factories.files import envelope, prepare
from tests.simulators.case_node import actor_of, official

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Role
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain, profiles
from passerelle.node.dossiers.folding import hear
from passerelle.node.dossiers.health import examine_casework
from passerelle.node.dossiers.models import Dossier, ProfileVersion
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import receiving
from passerelle.node.exchange.guard import write_guard
from passerelle.node.exchange.models import Entry
from passerelle.node.national.models import NationalBody, NationalEntry, NationalLog
from passerelle.node.national.queries import find_fault
from passerelle.procedures.families import FAMILIES
from passerelle.procedures.loading import definition, load_definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from tests.simulators.case_node import CaseNode

pytestmark = pytest.mark.django_db

TEMPLATE = base64.b64encode(b"FMR\x00 20\x00" + bytes(range(200))).decode()


def refused(node: CaseNode, case: str, code: str, act: str, role: str, **fields: Any) -> None:
    """Say an act that must be refused with a code, logged, and leave nothing."""
    n_entries = Entry.objects.filter(log__direction="out").count()
    found = node.try_(case, act, role, **fields)
    assert isinstance(found, Refusal), found
    assert found.code == code
    assert Entry.objects.filter(log__direction="out").count() == n_entries
    last = AuditEntry.objects.order_by("-number")[0]
    assert (last.action, last.subject, last.new) == (
        "cases.refused", f"dossier:{case}", {"code": code},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"religion": "none"}, "act.fields"),
        ({"photo": "x"}, "act.fields"),
        ({"sex_in_documents": "male, I believe"}, "act.fields"),
        ({"nationality_claimed": "Morocco"}, "act.fields"),
        ({"documents": [{"document_code": "passport"}]}, "act.fields"),
        ({"birth_date": "2024-04-23"}, "envelope.misfit"),
        ({"birth_date": "1990-02-30"}, "act.fields"),
        ({"names": TEMPLATE[:120]}, "act.fields"),
        ({"birth_place": TEMPLATE[:100]}, "act.fields"),
        ({"reference": TEMPLATE[:100]}, "act.fields"),
        ({"names": ["Exemple Un", "Exemple Deux"]}, "act.fields"),
        ({"corridor": "fr-xx"}, "envelope.misfit"),
    ],
)
def test_envelope_with_what_does_not_belong_is_refused(
    node: CaseNode, changes: dict[str, Any], code: str
) -> None:
    case = node.ready()

    refused(node, case, code, "send", "approver", **node.sending(**changes))


def test_list_of_persons_is_no_envelope(node: CaseNode) -> None:
    case = node.ready()
    fields = node.sending() | {"envelope": [envelope(), envelope(names="Exemple Deux")]}

    refused(node, case, "act.fields", "send", "approver", **fields)


@pytest.mark.parametrize("place", ["person", "decision_reference", "decision_authority"])
def test_template_in_a_national_field_is_refused(node: CaseNode, place: str) -> None:
    fields = prepare() | {place: TEMPLATE[:110]}
    found = domain.open_case(
        "ma", "identification", "prepare", fields, "case-officer",
        actor=official("case-officer"), clock=node.clock,
    )  # fmt: skip

    assert isinstance(found, Refusal)
    assert found.code in {"content.forbidden", "act.fields"}
    assert NationalEntry.objects.count() == 0


def test_template_in_the_reasons_of_a_gate_is_refused(node: CaseNode) -> None:
    case = node.open()
    node.say(case, "submit", "case-officer")
    found = node.gates(case, S8={"reasons": TEMPLATE})

    refused(node, case, "content.forbidden", "review", "safeguard-officer", gates=found)


def test_forged_answer_is_refused_and_changes_nothing(node: CaseNode) -> None:
    case = node.sent()
    node.deliver()
    other = node.ours.identity
    honest = node.partner.keys
    said = Said("identification", "", "confirm-receipt", "requested", "consulate", "user:x", {})
    node.partner.say(said.to_body(), case=case, office="identification", seen=1)
    node.partner.keys = dataclasses.replace(honest, log=other.log)

    answer = receiving.take_push(node.partner.origin.log_id, node.partner.frame(), node.clock)
    node.partner.keys = honest

    assert answer.status == 403
    assert node.state(case) == "sent"
    assert Entry.objects.filter(log__direction="in").count() == 0


def test_replayed_answer_counts_once(node: CaseNode) -> None:
    case = node.sent()
    node.deliver()
    fields = {"receipt_hash": "b" * 64, "receiving_official": "Consul 3"}
    node.answer(case, "confirm-receipt", **fields)

    again = receiving.take_push(node.partner.origin.log_id, node.partner.frame(), node.clock)
    assert again.status == 409
    node.answer(case, "confirm-receipt", **fields)

    row = Dossier.objects.get(pk=case)
    assert (row.state, row.n_refused) == ("received", 1)


def test_answer_in_the_name_of_our_own_side_is_no_act(node: CaseNode) -> None:
    case = node.sent()
    node.deliver()
    shape = definition("identification")
    said = Said(
        "identification", shape.digest, "clear-bar", "requesting", "court", "user:court",
        {"bar": "protection", "decision_reference": "X", "final": True},
    )  # fmt: skip
    node.partner.say(said.to_body(), case=case, office="identification", seen=1)
    node.push()

    assert hear(case).n_closed == 1
    assert node.state(case) == "sent"


def test_clock_turned_back_stops_decisions_and_not_protection(node: CaseNode) -> None:
    case = node.ready()
    node.clock.advance(timedelta(days=-2))

    with pytest.raises(RefusedError, match="clock") as caught:
        node.try_(case, "send", "approver", **node.sending())
    assert caught.value.code == "cases.clock-back"
    assert AuditEntry.objects.filter(action="cases.refused").exists()
    assert Entry.objects.count() == 0
    assert not isinstance(node.try_(case, "state-fear", "counsel", way="button"), Refusal)
    assert node.state(case) == "held-early"


@pytest.mark.parametrize("guard", sorted(FAMILIES["identification"]))
def test_definition_with_a_guard_left_out_does_not_load(guard: str) -> None:
    from importlib.resources import files

    text = (
        files("passerelle.procedures")
        .joinpath("definitions/identification.toml")
        .read_text("utf-8")
    )
    without = text.replace(f'"{guard}", ', "", 1).replace(f', "{guard}"', "", 1)
    assert without != text

    with pytest.raises(Exception, match="guard") as caught:
        load_definition(without, "identification.toml")
    assert "definition" in repr(caught.value)


def drop_triggers() -> None:
    """Do what an administrator of the database can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET session_replication_role = replica")


@pytest.mark.parametrize("how", ["last", "middle", "rewritten", "content", "moved"])
def test_administrator_who_takes_a_bar_out_is_found_and_nothing_leaves(
    node: CaseNode, how: str
) -> None:
    case = node.ready()
    node.say(case, "hold", "counsel", reason_code="appeal")
    other = node.open(person="SYN-9")
    log = NationalLog.objects.get()
    write_guard(node.ours.folder, log.id, log.size, bytes.fromhex(log.root))
    assert find_fault(node.ours) == ""
    drop_triggers()
    held = NationalEntry.objects.filter(case=case).order_by("-idx")[0]
    if how == "content":
        body = NationalBody.objects.get(entry=held)
        changed = bytes(body.wrapped)[:-1] + b"\x00"
        NationalBody.objects.filter(entry=held).update(wrapped=changed)
        assert hear(case).n_lost == 1
    else:
        if how == "moved":
            NationalEntry.objects.filter(pk=held.pk).update(case=other)
        else:
            NationalBody.objects.filter(entry=held).delete()
            held.delete()
        if how == "rewritten":
            _rewrite(log)
        assert find_fault(node.ours) != ""
        assert not examine_casework()[0].is_good

    with pytest.raises(RefusedError) as caught:
        node.say(case, "send", "approver", **node.sending())
    assert caught.value.code in {"national.broken", "national.unreadable"}
    assert Entry.objects.count() == 0


def _rewrite(log: NationalLog) -> None:
    """Compute the tree anew over what is left, as a careful administrator would."""
    from passerelle.exchange.merkle import CompactRange

    rows = list(NationalEntry.objects.filter(log=log).order_by("idx"))
    for number, row in enumerate(rows):
        NationalEntry.objects.filter(pk=row.pk).update(idx=number)
    tree = CompactRange().extend(bytes(row.leaf) for row in rows)
    NationalLog.objects.filter(pk=log.pk).update(
        size=tree.size, tree=tree.to_bytes(), root=tree.root.hex()
    )


def test_restored_backup_is_behind_its_guard_file_and_stops(node: CaseNode) -> None:
    case = node.ready()
    log = NationalLog.objects.get()
    write_guard(node.ours.folder, log.id, log.size + 2, bytes(32))

    with pytest.raises(RefusedError, match="guard file knows 5"):
        node.say(case, "send", "approver", **node.sending())
    assert Entry.objects.count() == 0


def test_administrator_who_changes_a_profile_in_force_is_found(node: CaseNode) -> None:
    node.sent()
    version = node.profile
    document = version.document | {"dpia": "somebody's word"}
    ProfileVersion.objects.filter(pk=version.pk).update(document=document)

    assert not examine_casework()[1].is_good
    case = node.ready(person="SYN-2")
    with pytest.raises(RefusedError, match="altered"):
        node.say(case, "send", "approver", **node.sending())


def test_profile_is_activated_by_a_second_person_and_only_when_whole(node: CaseNode) -> None:
    first, second = (
        actor_of("user:directorate", Role.COOPERATION), actor_of("user:director", Role.APPROVER),
    )  # fmt: skip
    version = profiles.import_preset("fr-ma", "eu-turkey", actor=first, clock=node.clock)

    with pytest.raises(RefusedError) as same:
        profiles.activate_profile("fr-ma", version.number, actor=first, clock=node.clock)
    with pytest.raises(RefusedError) as partial:
        profiles.activate_profile("fr-ma", version.number, actor=second, clock=node.clock)

    assert same.value.code == "corridor.same-person"
    assert partial.value.code == "corridor.incomplete"
    for word in ("dpia", "fria", "opinion", "review_by", "transfer_basis", "mark C"):
        assert word in str(partial.value)
    with pytest.raises(RefusedError, match="field of a profile"):
        profiles.complete_profile(
            "fr-ma", version.number, {"bonus": "1"}, actor=first, clock=node.clock
        )


def test_nothing_about_a_person_is_sent_without_an_active_profile(node: CaseNode) -> None:
    version = node.profile
    case = node.ready()
    profiles.end_profile(
        "fr-ma", version.number, why="review", actor=official("approver"), clock=node.clock
    )

    refused(node, case, "corridor.inactive", "send", "approver", **node.sending())


def test_definition_that_is_not_pinned_opens_no_file(node: CaseNode) -> None:
    ProfileVersion.objects.update(pins={"identification": "0" * 64})

    found = domain.open_case(
        "ma", "identification", "prepare", prepare(), "case-officer",
        actor=official("case-officer"), clock=node.clock,
    )  # fmt: skip

    assert isinstance(found, Refusal)
    assert found.code == "definition.not-pinned"
