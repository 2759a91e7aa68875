from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faults", "0014_keep_photos_of_reports")]
    operations = [
        migrations.AddField(
            model_name="tellingchoice",
            name="quiet_from",
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name="tellingchoice",
            name="quiet_until",
            field=models.TimeField(null=True),
        ),
    ]
