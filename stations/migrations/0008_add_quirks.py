import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy

KINDS = [
    ("local_clock", "Writes local time as UTC"),
    ("naive_clock", "Writes times without a zone, in this zone"),
    ("register_unit", "Labels its energy Wh, in truth"),
    ("drop_measurands", "Samples that mean nothing"),
    ("safe_measurands", "The only measurands it can be asked for"),
    ("silent_codes", "Error codes that mean nothing"),
    ("code_means", "Error codes that mean something known"),
    ("status_means", "States that mean something known"),
    ("call_after", "Seconds after connecting before a command is sent"),
    ("avoid_calls", "Commands that are not sent to it"),
    ("token_length", "Longest token a command may name"),
]


def _about():
    """Return the fields both tables share: whose quirk it is, and what."""
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("vendor", models.CharField(blank=True, max_length=80)),
        ("model", models.CharField(blank=True, max_length=80)),
        ("firmware_from", models.CharField(blank=True, max_length=80)),
        ("firmware_to", models.CharField(blank=True, max_length=80)),
        ("kind", models.CharField(choices=KINDS, max_length=20)),
        ("value", models.CharField(max_length=400)),
        ("note", models.CharField(blank=True, max_length=255)),
        ("source", models.CharField(blank=True, max_length=255)),
        ("is_on", models.BooleanField(default=True)),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_protect_tenants"),
        ("stations", "0007_lean_hot_path"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownQuirk",
            fields=[*_about(), ("name", models.SlugField(max_length=60, unique=True))],
            options={"ordering": ["vendor", "model", "name"]},
        ),
        migrations.CreateModel(
            name="Quirk",
            fields=[
                *_about(),
                ("operator", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.operator")),
            ],
            options={
                "ordering": ["vendor", "model", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("vendor", ""), ("model", ""), _negated=True),
                        name="stations_quirk_is_about_a_make",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuirkChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_on", models.BooleanField()),
                ("known", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="stations.knownquirk")),
                ("operator", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.operator")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("operator", "known"), name="stations_quirkchoice_one")
                ],
            },
        ),
        tenancy.protect("stations_quirk"),
        tenancy.protect("stations_quirkchoice"),
    ]
