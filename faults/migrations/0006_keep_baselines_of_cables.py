from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0005_map_vendor_codes")]
    operations = []
