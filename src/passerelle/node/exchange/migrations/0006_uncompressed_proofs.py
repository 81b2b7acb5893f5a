"""PostgreSQL: keep signatures and ciphertext as they are, they do not compress.

Half of the time of an insert went into trying. Rows that are there stay as they lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COLUMNS = (
    ("exchange_entry", "header"),
    ("exchange_body", "wrapped"),
    ("exchange_checkpointrow", "note"),
    ("exchange_cosignature", "lines"),
    ("exchange_log", "note"),
)


def _store(editor: BaseDatabaseSchemaEditor, how: str) -> None:
    if editor.connection.vendor == "postgresql":
        for table, column in COLUMNS:
            editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {how}")


def _uncompressed(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # Any: Django's state
    _store(editor, "EXTERNAL")


def _compressed(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # Any: Django's state
    _store(editor, "EXTENDED")


class Migration(migrations.Migration):
    """Set the storage of five columns."""

    dependencies: ClassVar = [("exchange", "0005_trust_wanted")]
    operations: ClassVar = [migrations.RunPython(_uncompressed, _compressed)]
