from django.db import migrations

from chargenet.core import tenancy

ME = "(SELECT chargenet_person())"
SOMEBODY = f"{ME} IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_initial"), ("stations", "0004_protect_tenants")]
    operations = [
        tenancy.protect("billing_customer", person=f"user_id = {ME}"),
        tenancy.protect("billing_cdr", person=f"driver_id = {ME}"),
        *(
            tenancy.protect(
                f"billing_{name}",
                person=f"{SOMEBODY} AND customer_id IN"
                f" (SELECT id FROM billing_customer WHERE user_id = {ME})",
            )
            for name in ("contract", "invoice", "payment")
        ),
        tenancy.protect(
            "billing_invoiceline",
            person=f"{SOMEBODY} AND invoice_id IN (SELECT id FROM billing_invoice)",
        ),
        tenancy.protect(
            "billing_tariff",
            person=f"{SOMEBODY} AND id IN (SELECT tariff_id FROM billing_cdr)",
        ),
        *(
            tenancy.protect(f"billing_{name}")
            for name in ("tariffassignment", "ratinghold", "invoiceseries")
        ),
        *(
            tenancy.append_only(f"billing_{name}")
            for name in ("cdr", "invoice", "invoiceline", "webhookevent")
        ),
        # An event is marked when its work is done; the rest of it stays as it came.
        migrations.RunSQL(
            "GRANT UPDATE (processed_at) ON billing_webhookevent TO chargenet_web, chargenet_system",
            "REVOKE UPDATE (processed_at) ON billing_webhookevent"
            " FROM chargenet_web, chargenet_system",
        ),
    ]
