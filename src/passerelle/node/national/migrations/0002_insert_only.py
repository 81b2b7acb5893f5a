"""Make the database itself refuse to change, replace or delete national entries and checkpoints.

In SQLite ``INSERT OR REPLACE`` deletes a row without firing delete triggers unless
``recursive_triggers`` is on; hence the third trigger.
"""

from django.db import migrations

TABLES = {
    "national_nationalentry": (
        "id = NEW.id OR entry_id = NEW.entry_id OR (log_id = NEW.log_id AND idx = NEW.idx)"
    ),
    "national_nationalcheckpoint": "id = NEW.id OR (log_id = NEW.log_id AND size = NEW.size)",
}


def _sqlite(table, same):
    abort = "BEGIN SELECT RAISE(ABORT, 'national.insert-only'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {abort}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {abort}",
    ]


def forwards(apps, schema_editor):
    statements = []
    if schema_editor.connection.vendor == "sqlite":
        for table, same in TABLES.items():
            statements += _sqlite(table, same)
    else:
        statements.append(
            "CREATE FUNCTION national_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'national.insert-only'; END $$"
        )
        for table in TABLES:
            statements.append(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION national_insert_only()"
            )
            statements.append(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION national_insert_only()"
            )
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
        statements.append("DROP FUNCTION national_insert_only()")
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("national", "0001_first")]
    operations = [migrations.RunPython(forwards, backwards)]
