"""Make the database itself refuse to change, replace or delete entries, checkpoints, receipts, evidence.

In SQLite ``INSERT OR REPLACE`` deletes a row without firing delete triggers unless
``recursive_triggers`` is on; hence the third trigger.
"""

from django.db import migrations

TABLES = {
    "exchange_entry": "id = NEW.id OR (log_id = NEW.log_id AND idx = NEW.idx)",
    "exchange_checkpointrow": "id = NEW.id",
    "exchange_cosignature": "id = NEW.id",
    "exchange_evidencerow": "id = NEW.id",
}


def _sqlite(table, same):
    abort = "BEGIN SELECT RAISE(ABORT, 'exchange.insert-only'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {abort}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {abort}",
    ]


def _postgresql(table):
    refuse = "EXECUTE FUNCTION exchange_insert_only()"
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT {refuse}",
    ]


def forwards(apps, schema_editor):
    statements = []
    if schema_editor.connection.vendor == "sqlite":
        for table, same in TABLES.items():
            statements += _sqlite(table, same)
    else:
        statements.append(
            "CREATE FUNCTION exchange_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'exchange.insert-only'; END $$"
        )
        for table in TABLES:
            statements += _postgresql(table)
    for statement in statements:
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    statements = []
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            names = ("update", "delete", "replace")
            statements += [f"DROP TRIGGER {table}_no_{name}" for name in names]
        else:
            statements += [
                f"DROP TRIGGER {table}_no_change ON {table}",
                f"DROP TRIGGER {table}_no_truncate ON {table}",
            ]
    if schema_editor.connection.vendor != "sqlite":
        statements.append("DROP FUNCTION exchange_insert_only()")
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
