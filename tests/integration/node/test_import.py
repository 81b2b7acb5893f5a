from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError, RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.audit.models import AuditEntry
from passerelle.node.events import domain
from passerelle.node.events.folders import FolderLimits, pack, unpack
from passerelle.node.events.models import Event, EventRevision, Session, Site
from passerelle.node.events.queries import find_event, need_of, planned

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock

pytestmark = pytest.mark.django_db

VENUES = """venue_id,name,city,lat,lon,capacity,country,timezone
STE,Stade Geoffroy-Guichard,Saint-Etienne,45.4607,4.3902,42000,FR,Europe/Paris
"""
SESSIONS = """session_id,venue_id,start,end,sport,phase,title,teams
F1,STE,2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,group,ARG v MAR,ARG-MAR
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "small-cup"
    found.mkdir()
    (found / "venues.csv").write_text(VENUES, "utf-8")
    (found / "sessions.csv").write_text(SESSIONS, "utf-8")
    return found


def _import(folder: Path, clock: FixedClock) -> EventRevision:
    return domain.import_event(folder, actor=COMMAND_LINE, clock=clock)


def test_a_folder_of_venues_and_sessions_is_enough(folder: Path, clock: FixedClock) -> None:
    revision = _import(folder, clock)

    assert (revision.number, revision.n_venues, revision.n_sessions) == (1, 1, 1)
    assert revision.n_assumptions > 0
    assert find_event("small-cup") == revision.event
    assert planned(revision.pk).event.id == "small-cup"
    assert AuditEntry.objects.get().subject == "event:small-cup/revision:1"


def test_the_same_folder_twice_is_one_revision(folder: Path, clock: FixedClock) -> None:
    assert _import(folder, clock) == _import(folder, clock)


def test_the_programme_that_is_planned_is_chosen_and_kept_with_the_revision(
    folder: Path, clock: FixedClock
) -> None:
    earlier = SESSIONS.replace("F1,", "P1,").replace("2024-07-24", "2024-07-23")
    (folder / "sessions_planned.csv").write_text(earlier, "utf-8")
    (folder / "event.toml").write_text('programme = "sessions.csv"\nname = "Cup"\n', "utf-8")

    revision = domain.import_event(
        folder, actor=COMMAND_LINE, clock=clock, programme="sessions_planned.csv"
    )

    assert [one.id for one in planned(revision.pk).event.sessions] == ["P1"]
    assert revision.event.name == "Cup"
    settings = unpack(bytes(revision.folder), FolderLimits(2**20, 1000))[1]["event.toml"]
    assert settings == b'programme = "sessions_planned.csv"\nname = "Cup"\n'
    assert _import(folder, clock).number == 2


def test_a_changed_folder_is_a_new_revision(folder: Path, clock: FixedClock) -> None:
    first = _import(folder, clock)
    (folder / "sessions.csv").write_text(SESSIONS.replace("15:00", "14:00"), "utf-8")

    second = _import(folder, clock)

    assert (first.number, second.number) == (1, 2)
    assert planned(first.pk).event.sessions != planned(second.pk).event.sessions


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sessions.csv", SESSIONS.replace(",STE,", ",NOWHERE,")),
        ("sessions.csv", SESSIONS.replace("17:00:00", "13:00:00")),
        ("venues.csv", VENUES.replace("42000", "-5")),
        ("venues.csv", VENUES.replace("45.4607", "north")),
    ],
)
def test_a_bad_row_takes_nothing_in(folder: Path, clock: FixedClock, file: str, text: str) -> None:
    (folder / file).write_text(text, "utf-8")

    with pytest.raises(InputError) as error:
        _import(folder, clock)

    assert (file, 2) in {(issue.file, issue.line) for issue in error.value.issues}
    assert [model.objects.count() for model in (Event, EventRevision, Site, Session)] == [0] * 4


def test_a_wrong_encoding_is_named(folder: Path, clock: FixedClock) -> None:
    (folder / "venues.csv").write_bytes(VENUES.replace("Etienne", "Étienne").encode("latin-1"))

    with pytest.raises(InputError, match=r"venues\.csv"):
        _import(folder, clock)


def test_an_empty_folder_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(InputError, match=r"venues\.csv and sessions\.csv"):
        _import(tmp_path, clock)


def test_a_folder_that_contains_itself_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    loop = tmp_path / "loop"
    loop.mkdir()
    (loop / "venues.csv").symlink_to(loop / "sessions.csv")
    (loop / "sessions.csv").symlink_to(loop / "venues.csv")

    with pytest.raises(InputError):
        _import(loop, clock)


def test_a_file_with_too_many_rows_is_refused_before_it_is_read(folder: Path) -> None:
    rows = "".join(f"P{k},STE,,,,,,\n" for k in range(100_000))
    (folder / "sessions.csv").write_text(SESSIONS + rows, "utf-8")

    with pytest.raises(InputError) as error:
        pack(folder, FolderLimits(2**25, 50_000))

    assert error.value.code == "event.too-many-rows"


def test_a_hundred_thousand_rows_all_wrong_are_answered(folder: Path, clock: FixedClock) -> None:
    rows = "".join(f"P{k},NOWHERE,x,y,,,,\n" for k in range(100_000))
    (folder / "sessions.csv").write_text(SESSIONS + rows, "utf-8")

    with pytest.raises(InputError) as error:
        _import(folder, clock)

    assert len(error.value.issues) > 0
    assert not Event.objects.exists()


def test_importing_needs_the_role(folder: Path, clock: FixedClock) -> None:
    auditor = Actor("user:auditor", frozenset())

    with pytest.raises(RefusedError) as refusal:
        domain.import_event(folder, actor=auditor, clock=clock)

    assert refusal.value.code == "accounts.not-permitted"


def _archive(**files: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return sink.getvalue()


LIMITS = FolderLimits(2**20, 1000)


def test_an_upload_may_be_flat_or_in_one_folder() -> None:
    flat = _archive(**{"venues.csv": b"a"})
    deep = _archive(**{"cup__venues.csv": b"a"})

    assert unpack(flat, LIMITS) == ("", {"venues.csv": b"a"})
    assert unpack(deep, LIMITS) == ("cup", {"venues.csv": b"a"})


@pytest.mark.parametrize(
    ("packed", "code"),
    [
        (b"not a zip", "event.not-an-archive"),
        (_archive(), "event.empty"),
        (_archive(**{"..__venues.csv": b"a"}), "event.bad-name"),
        (_archive(**{"__etc__passwd.csv": b"a"}), "event.bad-name"),
        (_archive(**{"a__b__venues.csv": b"a"}), "event.bad-name"),
        (_archive(**{"run.sh": b"a"}), "event.bad-name"),
        (_archive(**{"venues.csv": b"\0" * 2_000_000}), "event.too-large"),
        (_archive(**{f"f{k}.csv": b"" for k in range(50)}), "event.too-many"),
    ],
)
def test_a_hostile_upload_is_refused(packed: bytes, code: str) -> None:
    with pytest.raises(InputError) as error:
        unpack(packed, LIMITS)

    assert error.value.code == code


def test_an_exported_folder_can_be_imported_again(folder: Path, clock: FixedClock) -> None:
    revision = _import(folder, clock)

    again = domain.import_packed(bytes(revision.folder), "x", actor=COMMAND_LINE, clock=clock)

    assert again == revision


def test_a_need_is_computed_once_and_kept(folder: Path, clock: FixedClock) -> None:
    revision = _import(folder, clock)

    first = domain.compute_need(revision, actor=COMMAND_LINE, clock=clock)
    second = domain.compute_need(revision, actor=COMMAND_LINE, clock=clock)

    assert first == second
    assert len(need_of(first.pk)) == first.n_figures > 0
