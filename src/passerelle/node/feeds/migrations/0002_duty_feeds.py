"""Addresses of the duties of a contingent or of one person, and how often each address was asked."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0006_sheet_columns"), ("feeds", "0001_first")]

    operations = [
        migrations.AddField(
            model_name="calendarfeed",
            name="window_at",
            field=models.DateTimeField(null=True, verbose_name="counted since"),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="n_asked",
            field=models.PositiveIntegerField(default=0, verbose_name="times asked since"),
        ),
        migrations.CreateModel(
            name="DutyFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(max_length=64, unique=True, verbose_name="hash of the token"),
                ),
                ("language", models.CharField(max_length=2, verbose_name="language")),
                ("made_by", models.CharField(max_length=160, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked at")),
                ("window_at", models.DateTimeField(null=True, verbose_name="counted since")),
                (
                    "n_asked",
                    models.PositiveIntegerField(default=0, verbose_name="times asked since"),
                ),
                (
                    "person",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="reference of the person"
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_feeds",
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar feed of duties",
                "verbose_name_plural": "calendar feeds of duties",
                "ordering": ("dossier", "person", "made_at"),
            },
        ),
    ]
