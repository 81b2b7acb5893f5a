from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="needsnapshot",
            name="changes",
            field=models.JSONField(
                blank=True, default=list, verbose_name="changes since the revision"
            ),
        ),
        migrations.AddField(
            model_name="needsnapshot",
            name="after",
            field=models.CharField(
                blank=True, default="", max_length=64, verbose_name="digest of the changes"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="needsnapshot",
            name="events_need_once",
        ),
        migrations.AddConstraint(
            model_name="needsnapshot",
            constraint=models.UniqueConstraint(
                fields=("revision", "coefficient_version", "after"), name="events_need_once"
            ),
        ),
    ]
