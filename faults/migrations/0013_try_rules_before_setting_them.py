import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_protect_tenants'),
        ('faults', '0012_watch_sites_and_networks'),
        ('stations', '0019_note_who_shares_a_network'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8)),
                ('station_model', models.CharField(blank=True, max_length=80)),
                ('values', models.JSONField(default=dict)),
                ('begin', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Not finished')], default='waiting', max_length=8)),
                ('problem', models.CharField(blank=True, choices=[('too_much', 'There is more stored than can be tried at once.'), ('too_slow', 'It took too long.'), ('lost', 'The worker that tried it was lost.')], max_length=8)),
                ('result', models.JSONField(default=dict)),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('location', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.location')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
            options={
                'indexes': [models.Index(fields=['operator', '-asked_at'], name='faults_ruletrial_recent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'running'])), fields=('operator',), name='faults_ruletrial_one_at_a_time'), models.CheckConstraint(condition=models.Q(('begin__lt', models.F('end'))), name='faults_ruletrial_span')],
            },
        ),
        tenancy.protect("faults_ruletrial"),
    ]
