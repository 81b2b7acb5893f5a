from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_mix_runs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("plan", "Solve a plan"),
                    ("mix", "Compare mixes of offers"),
                    ("repair", "Repair a plan"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
