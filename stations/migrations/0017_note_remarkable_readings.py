from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stations", "0016_add_station_tariffs")]
    operations = []
