from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0009_tell_people_by_more_ways")]
    operations = []
