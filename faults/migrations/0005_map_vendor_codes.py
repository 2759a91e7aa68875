import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0004_let_thresholds_be_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="VendorErrorCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vendor", models.CharField(blank=True, max_length=80)),
                ("model", models.CharField(blank=True, max_length=80)),
                ("firmware_from", models.CharField(blank=True, max_length=80)),
                ("firmware_to", models.CharField(blank=True, max_length=80)),
                ("code", models.CharField(max_length=80)),
                ("folded", models.CharField(max_length=80)),
                ("fault_code", models.CharField(blank=True, max_length=8)),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "S1 Safety"),
                            (2, "S2 Station down"),
                            (3, "S3 Connector down"),
                            (4, "S4 Degraded"),
                            (5, "S5 Information"),
                        ],
                        null=True,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=255)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
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
                "ordering": ["vendor", "model", "code", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=[
                            "operator",
                            "folded",
                            "vendor",
                            "model",
                            "firmware_from",
                            "firmware_to",
                        ],
                        name="faults_vendorerrorcode_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("folded", ""), _negated=True),
                        name="faults_vendorerrorcode_says_something",
                    ),
                ],
            },
        ),
        tenancy.protect("faults_vendorerrorcode"),
    ]
