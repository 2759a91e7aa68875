import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0015_let_a_person_sleep"),
        ("stations", "0019_note_who_shares_a_network"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=8)),
                ("scope_key", models.CharField(max_length=40)),
                ("error", models.CharField(max_length=300)),
                ("times", models.PositiveIntegerField(default=0)),
                ("aside", models.JSONField(default=list)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.operator",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("operator", "code", "scope_key"),
                        name="faults_rulefailure_one_open",
                    )
                ],
            },
        ),
        tenancy.protect("faults_rulefailure"),
    ]
