from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0011_hear_drivers_reports")]
    operations = []
