import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_which_tariff_and_why"),
        ("core", "0003_protect_tenants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="TariffDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=36)),
                ("name", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("edited_at", models.DateTimeField()),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.tariff",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.operator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operator", "code"), name="billing_draft_once"
                    )
                ],
            },
        ),
        tenancy.protect("billing_tariffdraft"),
    ]
