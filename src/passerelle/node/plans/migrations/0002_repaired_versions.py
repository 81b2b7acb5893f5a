from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="planversion",
            name="repair",
            field=models.JSONField(default=None, null=True, verbose_name="repair that made it"),
        ),
    ]
