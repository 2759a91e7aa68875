from django.db import migrations

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]
    operations = [
        # memberships are read before the operators are known: a person sees their own
        tenancy.protect("core_membership", person="user_id = (SELECT chargenet_person())"),
        tenancy.protect("core_auditentry"),
        tenancy.protect("core_outbox"),
        tenancy.append_only("core_auditentry"),
    ]
