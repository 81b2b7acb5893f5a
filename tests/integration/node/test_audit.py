from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, connections, transaction

from passerelle.node.audit.domain import record
from passerelle.node.audit.models import AuditEntry, AuditHead
from passerelle.node.audit.queries import verify_chain

if TYPE_CHECKING:
    from passerelle.kernel.clock import FixedClock

pytestmark = pytest.mark.django_db


def _write(clock: FixedClock, n: int = 3) -> None:
    with transaction.atomic():
        for k in range(n):
            record("user:planner", "plans.publish", f"plan:{k}", clock=clock, new={"n": k})


def test_a_chain_of_entries_is_whole(clock: FixedClock) -> None:
    _write(clock)

    check = verify_chain()

    assert (check.is_whole, check.size) == (True, 3)
    assert check.head == AuditEntry.objects.get(number=3).digest


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_an_entry(clock: FixedClock, verb: str) -> None:
    _write(clock)
    entry = AuditEntry.objects.filter(number=2)
    change = entry.delete if verb == "delete" else lambda: entry.update(actor="somebody else")

    with pytest.raises(DatabaseError, match=r"audit\.append-only"), transaction.atomic():
        change()


def test_a_forged_entry_is_found_even_when_the_triggers_were_dropped(clock: FixedClock) -> None:
    _write(clock)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_no_update")
        else:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER ALL")
    AuditEntry.objects.filter(number=2).update(actor="somebody else")

    assert verify_chain().broken_at == 2


def test_a_dropped_tail_is_found(clock: FixedClock) -> None:
    _write(clock)
    AuditHead.objects.filter(pk=1).update(size=4)

    assert verify_chain().broken_at == 4


@pytest.mark.django_db(transaction=False)
def test_writing_outside_a_transaction_is_refused(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)

    with pytest.raises(RuntimeError, match="inside a transaction"):
        record("user:planner", "x", "y", clock=clock)
