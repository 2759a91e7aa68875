from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0006_keep_baselines_of_cables")]
    operations = []
