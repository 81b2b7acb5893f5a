"""Erasures of dossiers: ordered, done, answered."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0004_profiles")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="erasure",
                        serialize=False,
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
                ("ground", models.CharField(max_length=40, verbose_name="ground")),
                ("ordered_by", models.CharField(max_length=160, verbose_name="ordered by")),
                ("ordered_at", models.DateTimeField(verbose_name="ordered at")),
                ("n_acts", models.PositiveIntegerField(verbose_name="acts")),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="key destroyed at")),
                ("notice", models.CharField(blank=True, max_length=64, verbose_name="notice")),
                (
                    "answered_at",
                    models.DateTimeField(null=True, verbose_name="the other side erased at"),
                ),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ("ordered_at",),
            },
        ),
    ]
