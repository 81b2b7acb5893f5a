"""Erasure: names are gone from the database and every backup, while a pack still proves the dossier."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from tests.factories.dossiers import committed, person
from tests.factories.played import CASE, Play, next_year

from passerelle.exchange.standalone import passerelle_verify
from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.kernel.counts import Stage
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain, erasure
from passerelle.node.dossiers.models import Dossier, Erasure, Sheet
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import sheet_of
from passerelle.node.exchange import station
from passerelle.node.exchange.models import Body, Entry
from passerelle.node.exchange.packing import make_pack
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "Exemplaire-Unique"


@pytest.fixture
def play(db: None, tmp_path: Path) -> Iterator[Play]:
    found = Play(tmp_path, SystemClock())
    with station.entered(found.station):
        found.begin()
        yield found


@pytest.fixture
def ended(play: Play) -> str:
    """Return a dossier whose mission has ended, every act receipted."""
    talk = committed()
    talk.say("name", persons_named=[person("P1", family_name=NAME)])
    talk.say("end")
    case = play.say(talk.acts)
    Dossier.objects.update(is_settled=True)  # the partner of this test signs no receipts
    return case


def plain_texts(case: str) -> list[str]:
    """Return every act of a dossier as far as the keys held now open it."""
    from passerelle.node.dossiers.folding import hear

    return [str(dict(act.payload)) for act in hear(case).acts]


def test_names_are_gone_with_the_key_and_the_proof_still_holds(
    ended: str, play: Play, tmp_path: Path
) -> None:
    assert NAME in "".join(plain_texts(ended))
    bodies = [bytes(row.wrapped) for row in Body.objects.all()]

    found = erasure.erase(ended, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)

    assert isinstance(found, Erasure)
    assert NAME not in "".join(plain_texts(ended))
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_dossier_value(ended)
    # A backup is what lay in the tables before: the same wrapped bodies, and no key for them.
    assert [bytes(row.wrapped) for row in Body.objects.order_by("pk")][: len(bodies)] == bodies
    entries = Entry.objects.filter(case=ended).select_related("body", "log")
    from passerelle.exchange.header import parse_header
    from passerelle.node.exchange.content import open_body

    states = {
        open_body(play.station, one, parse_header(bytes(one.header)))[1]
        for one in entries
        if one.kind != "notice.erasure"
    }
    assert states == {"erased"}
    pack = tmp_path / "pack.zip"
    pack.write_bytes(make_pack("ma", play.clock, case=ended))
    assert passerelle_verify.main([str(pack)]) in {0, 1}


def test_proof_counts_and_audit_remain(ended: str, play: Play) -> None:
    before = sheet_of(Sheet.objects.get(dossier=ended))

    erasure.erase(ended, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)

    row = Dossier.objects.get(case=ended)
    after = sheet_of(Sheet.objects.get(dossier=ended))
    assert (row.state, row.is_final, row.due_name) == ("erased", True, "")
    assert after.at(Stage.NAMED).people == before.at(Stage.NAMED).people == 1
    actions = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert actions[-2:] == ["dossiers.erase.order", "dossiers.erase"]
    assert all(NAME not in f"{one.new}{one.why}" for one in AuditEntry.objects.all())
    assert Entry.objects.filter(case=ended, kind="notice.erasure").count() == 1
    domain.take_in(play.clock)
    assert Dossier.objects.get(case=ended).state == "erased"


def test_the_key_leaves_its_file_and_no_table_holds_a_name(
    ended: str, play: Play, tmp_path: Path
) -> None:
    files = [path for path in (tmp_path / "fr").rglob("*") if path.is_file()]
    (keys,) = (path for path in files if path.read_bytes().startswith(b"SQLite format 3"))
    before = keys.read_bytes()
    (wrapped,) = (row[0] for row in rows_of(keys, "SELECT wrapped FROM case_key"))
    assert wrapped in before

    erasure.erase(ended, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)

    assert wrapped not in keys.read_bytes()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert all(NAME not in repr(row) for row in cursor.fetchall()), table


def rows_of(path: Path, query: str) -> list[tuple[bytes, ...]]:
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_nothing_is_erased_before_the_mission_ended_or_the_receipts_are_there(play: Play) -> None:
    talk = committed()
    play.say(talk.acts)
    with pytest.raises(RefusedError, match="waits for its receipt"):
        erasure.erase(CASE, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)
    Dossier.objects.update(is_settled=True)

    early = erasure.erase(CASE, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)

    assert isinstance(early, Refusal)
    assert not Erasure.objects.exists()
    assert plain_texts(CASE)


def test_erase_can_only_be_said_by_erasing(ended: str, play: Play) -> None:
    fields = {"erasure_ground": "purpose-ended", "counts_digest": "a" * 64}

    with pytest.raises(RefusedError, match="destroying its key"):
        domain.say(ended, "erase", fields, "directorate", actor=COMMAND_LINE, clock=play.clock)


def test_a_crash_between_order_and_notice_is_finished_later(ended: str, play: Play) -> None:
    erasure.order(ended, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)
    assert plain_texts(ended)

    done = [erasure.finish(play.clock), erasure.finish(play.clock)]

    assert done == [1, 0]
    assert NAME not in "".join(plain_texts(ended))


def test_what_is_due_is_erased_by_itself_and_only_then(ended: str, play: Play) -> None:
    # Without receipts the deadline waits; the day on which the end was receipted starts it.
    assert erasure.erase_due(play.clock) == 0
    much_later = FixedClock(play.clock.now() + timedelta(days=400))
    assert erasure.erase_due(much_later) == 0
    assert plain_texts(ended)


def test_the_partner_s_answer_is_kept(ended: str, play: Play) -> None:
    erasure.erase(ended, "purpose-ended", actor=COMMAND_LINE, clock=play.clock)
    talk = committed()
    talk.say("end")
    fields = {"erasure_ground": "purpose-ended", "counts_digest": "a" * 64}
    talk.say("erase", **fields)
    act = talk.act("erase-partner", **fields)

    play.theirs(next_year(act), ended)
    domain.take_in(play.clock)

    assert Erasure.objects.get().answered_at is not None
    assert Dossier.objects.get(case=ended).state == "erased"
