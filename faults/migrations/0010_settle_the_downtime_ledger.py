import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0009_tell_people_by_more_ways"),
        ("stations", "0018_say_when_a_site_is_open"),
    ]

    operations = [
        migrations.CreateModel(
            name='UptimeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('existed_s', models.PositiveIntegerField()),
                ('open_s', models.PositiveIntegerField()),
                ('down_s', models.PositiveIntegerField(default=0)),
                ('down_uk_s', models.PositiveIntegerField(default=0)),
                ('down_afirev_s', models.PositiveIntegerField(default=0)),
                ('excluded_nevi_s', models.PositiveIntegerField(default=0)),
                ('excluded_cec_s', models.PositiveIntegerField(default=0)),
                ('maintenance_s', models.PositiveIntegerField(default=0)),
                ('fault_s', models.PositiveIntegerField(default=0)),
                ('offline_s', models.PositiveIntegerField(default=0)),
                ('unavailable_s', models.PositiveIntegerField(default=0)),
                ('faulted_s', models.PositiveIntegerField(default=0)),
                ('computed_at', models.DateTimeField()),
                ('connector', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.connector')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
            options={
                'indexes': [models.Index(fields=['operator', 'day'], name='faults_uptimeday_period')],
                'constraints': [models.UniqueConstraint(fields=('connector', 'day'), name='faults_uptimeday_once'), models.CheckConstraint(condition=models.Q(('down_s__lte', models.F('open_s')), ('open_s__lte', models.F('existed_s'))), name='faults_uptimeday_fits')],
            },
        ),
        tenancy.protect("faults_uptimeday"),
    ]
