from django.db import migrations

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [("revenue", "0001_initial"), ("billing", "0003_protect_tenants")]
    operations = [
        *(
            tenancy.protect(f"revenue_{name}")
            for name in ("ledgeraccount", "journalentry", "posting")
        ),
        *(tenancy.append_only(f"revenue_{name}") for name in ("journalentry", "posting")),
    ]
