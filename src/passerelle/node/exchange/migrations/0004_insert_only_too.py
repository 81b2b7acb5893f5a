"""Make the database refuse to change accepted cards and agreements, as it does for entries."""

from importlib import import_module

from django.db import migrations

before = import_module("passerelle.node.exchange.migrations.0002_insert_only")
TABLES = {"exchange_trustversion": "id = NEW.id", "exchange_agreementrow": "id = NEW.id"}


def forwards(apps, schema_editor):
    for table, same in TABLES.items():
        if schema_editor.connection.vendor == "sqlite":
            statements = before._sqlite(table, same)
        else:
            statements = before._postgresql(table)
        for statement in statements:
            schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    names = ("update", "delete", "replace")
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for table in TABLES:
        for name in names if is_sqlite else ("change", "truncate"):
            where = "" if is_sqlite else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER {table}_no_{name}{where}", params=None)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0003_attachments_and_agreements")]
    operations = [migrations.RunPython(forwards, backwards)]
