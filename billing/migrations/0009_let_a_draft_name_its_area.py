from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_drafts_of_tariffs")]
    operations = [
        migrations.AddField(
            model_name="tariffdraft",
            name="spot_area",
            field=models.CharField(blank=True, max_length=12),
        ),
    ]
