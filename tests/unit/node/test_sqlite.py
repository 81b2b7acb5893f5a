"""How a node waits for the writer's lock of SQLite, and which library it brings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from passerelle.node.database import sqlite_journal
from passerelle.node.sqlite.base import _waiting


@pytest.mark.parametrize(
    ("version", "journal"), [("3.40.1", "TRUNCATE"), ("3.51.2", "TRUNCATE"), ("3.51.3", "WAL")]
)
def test_the_journal_follows_the_library(version: str, journal: str) -> None:
    assert sqlite_journal(version) == journal


def test_a_writer_waits_no_longer_than_it_may() -> None:
    wait = _waiting(0.02)

    looks = 0
    while wait(looks):
        looks += 1

    assert 3 <= looks <= 40
    assert wait(0), "a new wait begins anew"


def test_one_process_uses_one_library() -> None:
    pytest.importorskip("pysqlite3")
    code = (
        "from passerelle.node.sqlite_library import adopt_library; found = adopt_library();"
        "import sqlite3, pysqlite3;"
        "assert sqlite3 is pysqlite3 and found == pysqlite3.sqlite_version;"
        "from django.db.backends.sqlite3 import base;"
        "assert base.Database is pysqlite3.dbapi2"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
