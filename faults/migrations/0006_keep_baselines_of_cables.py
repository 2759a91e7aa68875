import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy


def _to(model: str, *, null: bool = False, one: bool = False, name: str = "+") -> models.Field:
    kind = models.OneToOneField if one else models.ForeignKey
    return kind(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model
    )


RETIRED = [
    ("worn", "Worn"),
    ("damaged", "Damaged"),
    ("stolen", "Cut or stolen"),
    ("other", "Other"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0005_map_vendor_codes"),
        ("stations", "0003_forbid_overlapping_fittings"),
    ]
    operations = [
        migrations.CreateModel(
            name="CableLife",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fitted_at", models.DateTimeField(null=True)),
                ("sessions", models.PositiveIntegerField(default=0)),
                ("energy_wh", models.BigIntegerField(default=0)),
                ("base_theta", models.FloatField(null=True)),
                ("times_base", models.FloatField(null=True)),
                ("hottest_c", models.FloatField(null=True)),
                ("faults", models.PositiveIntegerField(default=0)),
                ("risk", models.PositiveSmallIntegerField(default=0)),
                ("reasons", models.JSONField(default=list)),
                ("retired_at", models.DateTimeField(null=True)),
                ("retired_why", models.CharField(blank=True, choices=RETIRED, max_length=8)),
                ("updated_at", models.DateTimeField()),
                ("cable", _to("stations.cable", one=True, name="life")),
                ("connector", _to("stations.connector", null=True)),
                ("operator", _to("core.operator")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["operator", "-risk"], name="faults_cablelife_risk"),
                    models.Index(fields=["updated_at"], name="faults_cablelife_updated"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CableReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session_id", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("theta", models.FloatField(null=True)),
                ("hottest_c", models.FloatField(null=True)),
                ("ambient_c", models.FloatField(null=True)),
                ("cable", _to("stations.cable", name="readings")),
                ("connector", _to("stations.connector")),
                ("operator", _to("core.operator")),
            ],
            options={
                "indexes": [models.Index(fields=["cable", "-at"], name="faults_cablereading_cable")],
            },
        ),
        tenancy.protect("faults_cablelife"),
        tenancy.protect("faults_cablereading"),
    ]
