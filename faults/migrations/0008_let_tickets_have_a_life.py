from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0007_heal_by_a_ladder")]
    operations = []
