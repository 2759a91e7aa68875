from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0004_let_thresholds_be_rows")]
    operations = []
