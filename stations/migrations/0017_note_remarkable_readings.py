from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0016_add_station_tariffs")]
    operations = [
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                fields=["station", "-received_at"], name="stations_observation_news"
            ),
        ),
    ]
