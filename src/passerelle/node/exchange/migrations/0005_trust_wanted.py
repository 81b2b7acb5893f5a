"""Remember that a peer signed with keys we do not know, until its trust files were fetched."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0004_insert_only_too")]

    operations = [
        migrations.AddField(
            model_name="peer",
            name="trust_wanted",
            field=models.BooleanField(default=False),
        ),
    ]
