from django.db import migrations

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [("faults", "0001_initial"), ("stations", "0004_protect_tenants")]
    operations = [
        *(
            tenancy.protect(f"faults_{name}")
            for name in ("fault", "rulestate", "downtime", "ticket", "ticketnote")
        ),
        tenancy.append_only("faults_ticketnote"),
    ]
