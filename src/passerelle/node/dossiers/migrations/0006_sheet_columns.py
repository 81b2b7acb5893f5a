"""Keep the figures of a count sheet as columns too; they are made when a sheet is first read."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0005_erasure")]

    operations = [
        migrations.AddField(
            model_name="sheet",
            name="packed",
            field=models.BinaryField(default=b"", verbose_name="figures as columns"),
        ),
    ]
