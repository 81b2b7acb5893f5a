"""Keys of the parts are apart: what opens one part opens nothing of another."""

from __future__ import annotations

import sqlite3
from random import Random
from typing import TYPE_CHECKING

from passerelle.node.exchange.keystore import PARTS, KeyStore, part_of

if TYPE_CHECKING:
    from pathlib import Path

STORAGE = bytes(range(32))


def store(path: Path, storage: bytes = STORAGE, old: bytes = b"") -> KeyStore:
    return KeyStore(path / "dossiers.sqlite3", storage, Random(1).randbytes, old)


def test_a_key_is_found_under_its_part_only(tmp_path: Path) -> None:
    keys = store(tmp_path)
    made = {part: keys.key(f"case-{part}", 0.0, part) for part in PARTS}

    for part in PARTS:
        found = {other: keys.find(f"case-{part}", other) for other in PARTS}
        assert found == {other: made[part] if other == part else None for other in PARTS}
    assert part_of("identification") == "identification"
    assert part_of("cyber") == "cooperation"


def test_a_key_moved_to_another_part_in_the_file_opens_no_more(tmp_path: Path) -> None:
    store(tmp_path).key("case", 0.0, "identification")
    with sqlite3.connect(tmp_path / "dossiers.sqlite3") as database:
        database.execute("UPDATE case_key SET part = 'judicial'")
    database.close()

    try:
        found = store(tmp_path).find("case")
    except Exception as error:  # noqa: BLE001 - whatever it is, no key came out
        found = type(error).__name__  # type: ignore[assignment]

    assert found == "InvalidTag"


def test_wrapping_anew_keeps_every_part(tmp_path: Path) -> None:
    before = store(tmp_path)
    made = {part: before.key(f"case-{part}", 0.0, part) for part in PARTS}

    fresh = bytes(reversed(STORAGE))
    assert store(tmp_path, fresh, STORAGE).wrap_anew() == len(PARTS)

    after = store(tmp_path, fresh)
    assert {part: after.find(f"case-{part}", part) for part in PARTS} == made


def test_a_store_made_before_there_were_parts_is_read(tmp_path: Path) -> None:
    made = store(tmp_path).key("case", 0.0)
    with sqlite3.connect(tmp_path / "dossiers.sqlite3") as database:
        database.execute("ALTER TABLE case_key DROP COLUMN part")
    database.close()

    assert store(tmp_path).find("case", "cooperation") == made
