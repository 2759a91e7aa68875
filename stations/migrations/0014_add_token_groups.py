from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("stations", "0013_ship_known_quirks")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="group",
            field=models.CharField(blank=True, max_length=36),
        ),
        migrations.AddField(
            model_name="operationlimits",
            name="forbids_concurrent",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                models.F("token"),
                condition=models.Q(("state", "open"), ("token__isnull", False)),
                name="stations_session_open_token",
            ),
        ),
    ]
