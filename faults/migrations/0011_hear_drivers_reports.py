from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0010_settle_the_downtime_ledger")]
    operations = []
