import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_protect_tenants'),
        ('faults', '0007_heal_by_a_ladder'),
        ('stations', '0016_add_station_tariffs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, max_length=8)),
                ('text', models.CharField(max_length=255)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='CrewMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.CharField(choices=[('technician', 'Technician'), ('lead', 'Team lead'), ('manager', 'Manager')], default='technician', max_length=10)),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('ac', 'AC stations'), ('dc', 'DC stations'), ('hv', 'High voltage'), ('network', 'Network and SIM')], max_length=8), default=list, size=None)),
                ('site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='MaintenanceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=255)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ServiceLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'S1 Safety'), (2, 'S2 Station down'), (3, 'S3 Connector down'), (4, 'S4 Degraded'), (5, 'S5 Information')])),
                ('is_rural', models.BooleanField(default=False)),
                ('acknowledge_s', models.PositiveIntegerField()),
                ('restore_s', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='TicketPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('name', models.CharField(max_length=120)),
                ('number', models.CharField(blank=True, max_length=60)),
                ('quantity', models.PositiveSmallIntegerField(default=1)),
                ('is_used', models.BooleanField(default=False)),
                ('idempotency_key', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='TicketPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('picture', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('caption', models.CharField(blank=True, max_length=160)),
                ('idempotency_key', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='TicketPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quiet_from', models.TimeField(null=True)),
                ('quiet_until', models.TimeField(null=True)),
                ('repeat_s', models.PositiveIntegerField(default=14400)),
                ('safety_repeat_s', models.PositiveIntegerField(default=900)),
                ('group_wait_s', models.PositiveIntegerField(default=30)),
                ('group_interval_s', models.PositiveIntegerField(default=300)),
                ('rural_site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('assigns_by_itself', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='TicketTick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('key', models.CharField(max_length=24)),
                ('text', models.CharField(max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name='TicketWatcher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='ticket',
            name='acknowledge_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='acknowledged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='action',
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AddField(
            model_name='ticket',
            name='cause',
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AddField(
            model_name='ticket',
            name='closing',
            field=models.CharField(blank=True, choices=[('verified', 'Repaired and proven'), ('unverified', 'Repaired, never proven'), ('gone', 'Went by itself'), ('duplicate', 'Duplicate'), ('no_fault', 'No fault found'), ('wont_fix', 'Will not be repaired')], max_length=12),
        ),
        migrations.AddField(
            model_name='ticket',
            name='component',
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AddField(
            model_name='ticket',
            name='duplicate_of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='faults.ticket'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='en_route_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='escalate_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='escalation_step',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ticket',
            name='exclusion_class',
            field=models.CharField(choices=[('none', 'Ours: counts as downtime'), ('utility', 'Power cut by the grid company'), ('vehicle', 'The vehicle'), ('scheduled_maintenance', 'Scheduled maintenance'), ('vandalism', 'Vandalism'), ('natural_disaster', 'Natural disaster'), ('outside_opening_hours', 'Outside opening hours'), ('user', 'The user')], default='none', max_length=24),
        ),
        migrations.AddField(
            model_name='ticket',
            name='exclusion_reference',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name='ticket',
            name='expected_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='proof',
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name='ticket',
            name='proof_session',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.session'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='reminded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='restore_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='triaged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='wait_for',
            field=models.CharField(blank=True, choices=[('parts', 'A spare part'), ('third_party', 'Somebody else'), ('grid', 'The grid company')], max_length=12),
        ),
        migrations.AddField(
            model_name='ticket',
            name='waited_s',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ticket',
            name='waiting_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='state',
            field=models.CharField(choices=[('new', 'New'), ('triaged', 'Looked at'), ('assigned', 'Assigned'), ('acknowledged', 'Accepted'), ('en_route', 'On the way'), ('on_site', 'On site'), ('waiting', 'Waiting'), ('resolved', 'Resolved, not yet proven'), ('closed', 'Closed')], default='new', max_length=12),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(models.F('escalate_at'), condition=models.Q(('escalate_at__isnull', False)), name='faults_ticket_escalate'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(models.F('resolved_at'), condition=models.Q(('state', 'resolved')), name='faults_ticket_unproven'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('state', 'closed')), fields=['operator', '-closed_at'], name='faults_ticket_ended'),
        ),
        migrations.AddField(
            model_name='checklistitem',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='crewmember',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='crewmember',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='duty',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='duty',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='maintenancewindow',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='maintenancewindow',
            name='location',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.location'),
        ),
        migrations.AddField(
            model_name='maintenancewindow',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='maintenancewindow',
            name='station',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.station'),
        ),
        migrations.AddField(
            model_name='servicelevel',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='ticketpart',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='ticketpart',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='faults.ticket'),
        ),
        migrations.AddField(
            model_name='ticketpart',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ticketphoto',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ticketphoto',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='ticketphoto',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='faults.ticket'),
        ),
        migrations.AddField(
            model_name='ticketpolicy',
            name='operator',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='tickettick',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='tickettick',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ticks', to='faults.ticket'),
        ),
        migrations.AddField(
            model_name='tickettick',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ticketwatcher',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='ticketwatcher',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='watchers', to='faults.ticket'),
        ),
        migrations.AddField(
            model_name='ticketwatcher',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='checklistitem',
            index=models.Index(fields=['operator', 'code'], name='faults_checklist_code'),
        ),
        migrations.AddConstraint(
            model_name='crewmember',
            constraint=models.UniqueConstraint(fields=('operator', 'user'), name='faults_crew_once'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['operator', 'ends_at'], name='faults_duty_now'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.UniqueConstraint(fields=('operator', 'user', 'starts_at'), name='faults_duty_once'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='faults_duty_forward'),
        ),
        migrations.AddIndex(
            model_name='maintenancewindow',
            index=models.Index(fields=['location', 'ends_at'], name='faults_window_place'),
        ),
        migrations.AddConstraint(
            model_name='maintenancewindow',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='faults_window_forward'),
        ),
        migrations.AddConstraint(
            model_name='maintenancewindow',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='faults_window_reason'),
        ),
        migrations.AddConstraint(
            model_name='servicelevel',
            constraint=models.UniqueConstraint(fields=('operator', 'severity', 'is_rural'), name='faults_level_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketpart',
            constraint=models.UniqueConstraint(fields=('ticket', 'idempotency_key'), name='faults_part_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketphoto',
            constraint=models.UniqueConstraint(fields=('ticket', 'idempotency_key'), name='faults_photo_once'),
        ),
        migrations.AddConstraint(
            model_name='tickettick',
            constraint=models.UniqueConstraint(fields=('ticket', 'key'), name='faults_tick_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketwatcher',
            constraint=models.UniqueConstraint(fields=('ticket', 'user'), name='faults_watcher_once'),
        ),
        tenancy.protect("faults_crewmember"),
        tenancy.protect("faults_duty"),
        tenancy.protect("faults_servicelevel"),
        tenancy.protect("faults_ticketpolicy"),
        tenancy.protect("faults_maintenancewindow"),
        tenancy.protect("faults_ticketphoto"),
        tenancy.protect("faults_tickettick"),
        tenancy.protect("faults_ticketpart"),
        tenancy.protect("faults_ticketwatcher"),
        tenancy.protect("faults_checklistitem"),
    ]
