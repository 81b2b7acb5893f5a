"""Strict reading of event folders: every mistake named by file, line and column, nothing half in."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.event_folder import load_event, tables, write_event
from passerelle.planning.programme import Supporters, Threat

if TYPE_CHECKING:
    from pathlib import Path

VENUES = """\
venue_id,name,city,lat,lon,capacity,country,timezone
STE,Geoffroy-Guichard,Saint-Étienne,45.46,4.39,41965,FR,Europe/Paris
LYO,Stade de Lyon,Lyon,45.76,4.98,59186,FR,Europe/Paris
"""
SESSIONS = """\
session_id,venue_id,start,end,sport,teams
A1,STE,2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,ARG-MAR
A2,LYO,2024-07-24T19:00:00+02:00,2024-07-24T21:00:00+02:00,Football,IRQ-UKR
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "venues.csv").write_text(VENUES, encoding="utf-8")
    (tmp_path / "sessions.csv").write_text(SESSIONS, encoding="utf-8")
    return tmp_path


def _issues(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(InputError) as caught:
        load_event(folder)
    return [(i.file, i.line, i.column, i.code) for i in caught.value.issues]


def _append(folder: Path, name: str, line: str) -> None:
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


def test_a_folder_of_two_files_is_complete_by_stated_defaults(folder: Path) -> None:
    event = load_event(folder).event

    first = event.sessions[0]
    assert (event.host, event.timezone, event.threat) == ("FR", "Europe/Paris", Threat.STANDARD)
    assert (first.attendance, first.risk) == (35_670, 2)
    assert first.supporters == (Supporters("ARG", 5_350), Supporters("MAR", 5_350))
    assert first.assumed == {
        "attendance",
        "risk",
        "vip",
        "heads_of_state",
        "threat",
        "search",
        "supporters",
    }


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (
            "B1,XXX,2024-07-25T15:00:00+02:00,2024-07-25T17:00:00+02:00,Judo,",
            "venue_id",
            "folder.unknown-venue",
        ),
        (
            "B1,STE,2024-07-25T17:00:00+02:00,2024-07-25T15:00:00+02:00,Judo,",
            "end",
            "folder.reversed",
        ),
        (
            "B1,STE,2024-07-25T15:00:00,2024-07-25T17:00:00+02:00,Judo,",
            "start",
            "folder.not-an-instant",
        ),
        (
            "B1,STE,2024-07-24T16:00:00+02:00,2024-07-24T18:00:00+02:00,Judo,",
            "start",
            "folder.overlap",
        ),
        (
            "A1,STE,2024-07-25T15:00:00+02:00,2024-07-25T17:00:00+02:00,Judo,",
            "session_id",
            "folder.double-id",
        ),
        ("B1,STE,2024-07-25T15:00:00+02:00", "", "folder.wrong-width"),
        (
            "B1,STE,0024-07-25T15:00:00+02:00,2024-07-25T17:00:00+02:00,Judo,",
            "start",
            "folder.not-our-time",
        ),
        (
            "B 1,STE,2024-07-25T15:00:00+02:00,2024-07-25T17:00:00+02:00,Judo,",
            "session_id",
            "folder.not-a-code",
        ),
    ],
)
def test_a_wrong_session_is_named_by_line_and_column(
    folder: Path, line: str, column: str, code: str
) -> None:
    _append(folder, "sessions.csv", line)

    assert _issues(folder) == [("sessions.csv", 4, column, code)]


def test_all_wrong_rows_of_all_files_are_reported_at_once(folder: Path) -> None:
    _append(folder, "venues.csv", "NIC,Nice,Nice,143.7,7.2,-5,FR,Europe/Nice")
    _append(folder, "sessions.csv", "B1,NOT,yesterday,2024-07-25T17:00:00+02:00,Judo,")
    (folder / "event.toml").write_text('host = "FR"\ncolour = 3\nthreat = "mild"\n')

    assert _issues(folder) == [
        ("event.toml", 0, "colour", "folder.unknown-key"),
        ("event.toml", 0, "threat", "folder.unknown-word"),
        ("sessions.csv", 4, "start", "folder.not-an-instant"),
        ("sessions.csv", 4, "venue_id", "folder.unknown-venue"),
        ("venues.csv", 4, "capacity", "folder.not-a-whole-number"),
        ("venues.csv", 4, "lat", "folder.not-a-number"),
        ("venues.csv", 4, "timezone", "folder.unknown-zone"),
    ]


def test_an_unknown_zone_of_the_event_is_named(folder: Path) -> None:
    (folder / "event.toml").write_text('host = "FR"\ntimezone = "TC"\n')

    assert _issues(folder) == [("event.toml", 0, "timezone", "folder.unknown-zone")]


def test_missing_and_extra_columns_are_named(folder: Path) -> None:
    (folder / "venues.csv").write_text(VENUES.replace("capacity", "seats"), encoding="utf-8")

    assert _issues(folder) == [
        ("venues.csv", 1, "capacity", "folder.missing-column"),
        ("venues.csv", 1, "seats", "folder.unknown-column"),
    ]


def test_wrong_encoding_names_the_byte(folder: Path) -> None:
    data = VENUES.encode("latin-1")
    (folder / "venues.csv").write_bytes(data)

    with pytest.raises(InputError) as caught:
        load_event(folder)

    position = data.index(b"\xc9") + 1
    issue = caught.value.issues[0]
    assert (issue.file, issue.line) == ("venues.csv", 2)
    assert issue.expected == f"UTF-8; byte {position} of the file is 0xc9"


def test_a_byte_order_mark_is_allowed(folder: Path) -> None:
    before = load_event(folder).event
    for name in ("venues.csv", "sessions.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8-sig")

    assert load_event(folder).event == before


def test_more_people_than_places_are_refused(folder: Path) -> None:
    text = SESSIONS.replace("sport,teams", "sport,teams,attendance").replace(
        "ARG-MAR", "ARG-MAR,99999"
    )
    (folder / "sessions.csv").write_text(text.replace("IRQ-UKR", "IRQ-UKR,100"), encoding="utf-8")

    assert _issues(folder) == [("sessions.csv", 2, "attendance", "folder.too-many-people")]


def test_an_unknown_capability_and_a_negative_count_are_named(folder: Path) -> None:
    (folder / "territory.csv").write_text(
        "post_id,site_id,capability,officers,name,lat,lon\n"
        "T1,D1,patroll,20,District,45,4\n"
        "T2,D1,patrol,-20,District,45,4\n"
    )
    (folder / "forces.csv").write_text(
        "group_id,name,capabilities,crews,base_id,base_lat,base_lon\nG1,Dogs,dogs,-1,B1,45,4\n"
    )

    assert _issues(folder) == [
        ("forces.csv", 2, "capabilities", "folder.unknown-capability"),
        ("forces.csv", 2, "crews", "folder.not-a-whole-number"),
        ("territory.csv", 2, "capability", "folder.unknown-capability"),
        ("territory.csv", 3, "officers", "folder.not-a-whole-number"),
    ]


@pytest.mark.parametrize("seats", ["1_000", "nan", "1e999", "12.5", "0x10", "", "-1"])
def test_odd_spellings_of_numbers_are_refused(folder: Path, seats: str) -> None:
    (folder / "venues.csv").write_text(VENUES.replace("41965", seats), encoding="utf-8")

    assert _issues(folder) == [("venues.csv", 2, "capacity", "folder.not-a-whole-number")]


def test_posts_outside_the_period_and_endless_periods_are_refused(folder: Path) -> None:
    (folder / "event.toml").write_text('from = "2024-01-01T00:00:00Z"\nto = "2199-01-01T00:00:00Z"')
    (folder / "territory.csv").write_text(
        "post_id,site_id,capability,officers,from_date\nT1,STE,patrol,20,1990-01-01\n"
    )

    assert _issues(folder) == [
        ("event.toml", 0, "to", "folder.too-long"),
        ("territory.csv", 2, "from_date", "folder.outside-period"),
    ]


def test_a_folder_that_is_none_or_loops_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/venues.csv").write_text(VENUES, encoding="utf-8")
    (tmp_path / "in/sessions.csv").write_text(SESSIONS, encoding="utf-8")
    (tmp_path / "in/territory.csv").symlink_to(tmp_path / "loop")

    assert _issues(tmp_path / "nowhere") == [("nowhere", 0, "", "folder.not-a-folder")]
    assert _issues(tmp_path / "in") == [("territory.csv", 0, "", "folder.unreadable")]


def test_empty_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "venues.csv").write_text("")
    (tmp_path / "sessions.csv").write_text(SESSIONS.splitlines()[0] + "\n")

    assert _issues(tmp_path) == [("venues.csv", 1, "", "folder.empty-file")]


def test_toml_that_is_none_is_named(folder: Path) -> None:
    (folder / "event.toml").write_text("host = ")

    assert _issues(folder) == [("event.toml", 0, "", "folder.not-toml")]


def test_a_wrong_qualification_and_an_unknown_site_are_named(folder: Path) -> None:
    (folder / "event.toml").write_text(
        '[[qualifications]]\ncapability = "eod"\nkind = "badge"\n'
        '[[qualifications]]\ncapability = "eod"\nkind = "weapon"\nsites = ["XXX"]\n'
        '[[alerts]]\nsite = "YYY"\nper_day = 2\n'
    )

    assert _issues(folder) == [
        ("event.toml", 0, "alerts[1].site", "folder.unknown-site"),
        ("event.toml", 0, "qualifications[1].kind", "folder.wrong-qualification"),
        ("event.toml", 0, "qualifications[2].sites", "folder.unknown-site"),
    ]


def test_event_toml_says_which_of_two_programmes_is_planned(folder: Path) -> None:
    text = (folder / "sessions.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "earlier.csv").write_text("".join(text[:2]), "utf-8")
    (folder / "event.toml").write_text('programme = "earlier.csv"\n', "utf-8")

    chosen, other = load_event(folder), load_event(folder, programme="sessions.csv")

    assert len(chosen.event.sessions) == 1 < len(other.event.sessions)
    assert chosen.digest == load_event(folder, programme="earlier.csv").digest != other.digest


@pytest.mark.parametrize("name", ["../sessions.csv", "/etc/passwd", "sessions.txt"])
def test_a_programme_is_a_csv_file_of_the_same_folder(folder: Path, name: str) -> None:
    (folder / "event.toml").write_text(f'programme = "{name}"\n', "utf-8")

    assert [(issue[0], issue[2], issue[3]) for issue in _issues(folder)] == [
        ("event.toml", "programme", "folder.not-a-file-name")
    ]


def test_a_wrong_rule_names_the_rule(folder: Path) -> None:
    (folder / "event.toml").write_text("[rules.host]\ndaily_rest_min = -30\n[rules.x]\nnap = 3\n")

    assert [item[2] for item in _issues(folder)] == ["rules.host", "rules.x"]


def _many(rows: int) -> str:
    lines = [SESSIONS.splitlines()[0]]
    for number in range(rows):
        day, hour = 1 + number // 24 % 28, number % 24
        year = 2024 + number // 672
        start = f"{year}-01-{day:02d}T{hour:02d}:00:00Z"
        lines.append(f"S{number},STE,{start},{start.replace(':00:00Z', ':50:00Z')},Judo,")
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_in_bounded_memory(folder: Path) -> None:
    (folder / "sessions.csv").write_text(_many(100_000))
    program = (
        "import sys; from pathlib import Path;"
        "from passerelle.planning.formats.event_folder import load_event;"
        "n = len(load_event(Path(sys.argv[1])).event.sessions);"
        # not ru_maxrss, which begins at the size of the process that started this one
        "status = Path('/proc/self/status').read_text().split();"
        "print(n, status[status.index('VmHWM:') + 1])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True
    )

    rows, most_kib = map(int, done.stdout.split())
    assert rows == 100_000
    assert most_kib < 600 * 1024


@pytest.mark.slow
def test_a_hundred_thousand_wrong_rows_are_counted_not_listed(folder: Path) -> None:
    (folder / "sessions.csv").write_text(_many(100_000).replace("STE", "XXX"))

    with pytest.raises(InputError) as caught:
        load_event(folder)

    assert len(caught.value.issues) == tables.MOST_ISSUES + 1
    assert caught.value.issues[-1].expected.endswith("99000 more are not listed")


def test_a_file_above_the_cap_is_refused_by_size(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 100)

    assert [item[3] for item in _issues(folder)] == ["folder.too-large"] * 2


def test_writing_and_reading_gives_the_same_event(project_root: Path, tmp_path: Path) -> None:
    loaded = load_event(project_root / "examples/paris-2024")

    write_event(tmp_path, loaded.event, loaded.force)

    again = load_event(tmp_path)
    assert again.event == loaded.event
    assert again.force == loaded.force


@pytest.mark.shared
def test_the_tables_of_public_facts_are_an_event_folder(shared: Path) -> None:
    loaded = load_event(shared / "data/paris-2024")

    morocco = [g for g in loaded.force.groups if g.owner == "MA"]
    assert len(loaded.event.sessions) == 724
    assert [(g.capabilities, g.people, g.base.name) for g in morocco] == [
        (("eod",), 10, "Bordeaux"),
        (("analyst", "liaison"), 6, "Paris"),
    ]
    assert loaded.event.assumptions[-1].field == "contingents.base_id"


def test_an_unknown_speciality_of_a_reported_table_is_named(folder: Path) -> None:
    (folder / "contingents.csv").write_text(
        "country_iso,speciality,officers,from,to\nMA,eod,10,2024-07-15,2024-08-11\n"
        "ES,magicians,3,2024-07-15,2024-08-11\n"
    )

    assert _issues(folder) == [("contingents.csv", 3, "speciality", "folder.unknown-word")]
