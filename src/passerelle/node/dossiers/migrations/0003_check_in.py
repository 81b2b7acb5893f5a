"""Check-ins of the arrival desk, each taken once."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0002_sheet")]

    operations = [
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=32, primary_key=True, serialize=False, verbose_name="key"
                    ),
                ),
                ("what", models.CharField(max_length=16, verbose_name="what")),
                ("outcome", models.CharField(max_length=8, verbose_name="outcome")),
                ("code", models.CharField(blank=True, max_length=64, verbose_name="code")),
                ("entry", models.CharField(blank=True, max_length=64, verbose_name="entry")),
                ("at", models.DateTimeField(verbose_name="taken at")),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_ins",
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
            ],
            options={
                "verbose_name": "check-in",
                "verbose_name_plural": "check-ins",
                "ordering": ("at", "key"),
            },
        ),
    ]
