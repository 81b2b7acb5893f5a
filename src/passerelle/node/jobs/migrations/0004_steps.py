"""Jobs that go step by step, such as sending a campaign."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_repairs")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="n_done",
            field=models.PositiveIntegerField(default=0, verbose_name="steps done"),
        ),
        migrations.AddField(
            model_name="job",
            name="n_steps",
            field=models.PositiveIntegerField(default=0, verbose_name="steps"),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("plan", "Solve a plan"),
                    ("mix", "Compare mixes of offers"),
                    ("repair", "Repair a plan"),
                    ("campaign", "Send a campaign"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
