"""Tables of the mark and the ticks; the database itself refuses to change or delete either."""

from django.db import migrations, models

_TABLES = ("exercise_exercisemark", "exercise_tick")
SQLITE = [
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'exercise.insert-only'); END"
    for table in _TABLES
    for verb in ("UPDATE", "DELETE")
]
SQLITE_BACK = [
    f"DROP TRIGGER {table}_no_{verb}" for table in _TABLES for verb in ("update", "delete")
]
POSTGRESQL = [
    "CREATE FUNCTION exercise_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'exercise.insert-only'; END $$",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION exercise_insert_only()"
        for table in _TABLES
    ),
]
POSTGRESQL_BACK = [
    *(f"DROP TRIGGER {table}_no_change ON {table}" for table in _TABLES),
    "DROP FUNCTION exercise_insert_only()",
]


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def forwards(apps, schema_editor):
    _run(schema_editor, SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def backwards(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    _run(schema_editor, SQLITE_BACK if is_sqlite else POSTGRESQL_BACK)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="ExerciseMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, verbose_name="exercise")),
            ],
            options={
                "verbose_name": "mark of an exercise",
                "verbose_name_plural": "marks of an exercise",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="exercise_mark_single_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(unique=True, verbose_name="at")),
                ("said_by", models.CharField(max_length=160, verbose_name="set by")),
            ],
            options={
                "verbose_name": "tick",
                "verbose_name_plural": "ticks",
                "ordering": ("-at",),
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
