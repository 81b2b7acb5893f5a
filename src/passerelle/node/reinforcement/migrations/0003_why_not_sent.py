"""Why a request was not sent, as code and parameters, so that each reader has it in the own language."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reinforcement", "0002_mix_runs")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="why",
            field=models.JSONField(default=dict, verbose_name="the refusal behind it"),
        ),
    ]
