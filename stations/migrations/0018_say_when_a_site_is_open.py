from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0017_note_remarkable_readings")]
    operations = [
        migrations.AddField(
            model_name="location",
            name="opening_hours",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
