from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("stations", "0006_add_station_reports_and_follow_ups")]

    operations = []
