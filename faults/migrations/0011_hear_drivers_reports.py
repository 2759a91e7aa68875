import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy

# Who stands at a cable is in nobody's scope: the code on it shows its own row, and no other.
BY_CODE = """
CREATE POLICY by_code ON stations_connector FOR SELECT TO chargenet_web
    USING (public_code = nullif(current_setting('chargenet.code', true), ''));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0010_settle_the_downtime_ledger"),
        ("stations", "0019_note_who_shares_a_network"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='StatusPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_advisory', models.BooleanField(default=False)),
                ('operator', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
        ),
        migrations.CreateModel(
            name='DriverReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('danger', 'It is hot, smells, sparks or smokes'), ('no_start', 'Charging does not start'), ('stopped', 'Charging stopped by itself'), ('stuck', 'The cable is stuck'), ('damaged', 'Cable, plug or station is damaged'), ('dark', 'No light, nothing on the screen'), ('payment', 'Card, app or payment does not work'), ('blocked', 'The place is blocked'), ('other', 'Something else')], max_length=8)),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('contact', models.CharField(blank=True, max_length=120)),
                ('language', models.CharField(default='sv', max_length=5)),
                ('reporter', models.CharField(max_length=32)),
                ('idempotency_key', models.CharField(max_length=40)),
                ('photo_key', models.CharField(blank=True, max_length=120)),
                ('photo_type', models.CharField(blank=True, max_length=20)),
                ('state', models.CharField(choices=[('new', 'New'), ('right', 'Closed: was right'), ('wrong', 'Closed: nothing was wrong')], default='new', max_length=5)),
                ('answer', models.CharField(blank=True, max_length=1000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('connector', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='driver_reports', to='stations.connector')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.location')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='driver_reports', to='stations.station')),
                ('ticket', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='faults.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['operator', '-received_at'], name='faults_report_recent'), models.Index(fields=['connector', '-received_at'], name='faults_report_connector')],
                'constraints': [models.UniqueConstraint(fields=('connector', 'idempotency_key'), name='faults_report_once'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'new')), models.Q(models.Q(('state', 'new'), _negated=True), ('closed_at__isnull', False), ('contact', '')), _connector='OR'), name='faults_report_closed_forgets')],
            },
        ),
        tenancy.protect("faults_statuspolicy"),
        tenancy.protect("faults_driverreport"),
        migrations.RunSQL(BY_CODE, "DROP POLICY by_code ON stations_connector;"),
    ]
