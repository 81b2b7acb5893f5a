"""Count sheets beside the summaries of dossiers."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0001_first")]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sheet",
                        serialize=False,
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("cut_off", models.DateTimeField(verbose_name="cut-off")),
                ("valid_until", models.DateTimeField(null=True, verbose_name="holds until")),
                (
                    "n_blocked",
                    models.PositiveIntegerField(
                        default=0, verbose_name="not deployable on some day"
                    ),
                ),
                (
                    "n_owed",
                    models.PositiveIntegerField(default=0, verbose_name="replacements owed"),
                ),
            ],
            options={
                "verbose_name": "count sheet",
                "verbose_name_plural": "count sheets",
                "ordering": ("dossier",),
            },
        ),
    ]
