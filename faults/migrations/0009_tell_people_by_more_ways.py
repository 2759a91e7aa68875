import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_protect_tenants'),
        ('faults', '0008_let_tickets_have_a_life'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=12)),
                ('turn', models.CharField(max_length=40)),
                ('severity', models.PositiveSmallIntegerField()),
                ('group', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('is_dropped', models.BooleanField(default=False)),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='faults.ticket')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(models.F('due_at'), condition=models.Q(('sent_at__isnull', True)), name='faults_notice_due'), models.Index(fields=['group', '-sent_at'], name='faults_notice_group')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'event', 'turn', 'user'), name='faults_notice_once')],
            },
        ),
        migrations.CreateModel(
            name='TellingChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email_least', models.PositiveSmallIntegerField(default=4)),
                ('sms_least', models.PositiveSmallIntegerField(default=1)),
                ('wants_digest', models.BooleanField(default=True)),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('operator', 'user'), name='faults_telling_once')],
            },
        ),
        migrations.CreateModel(
            name='WayOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sms', 'SMS gateway'), ('webhook', 'Webhook')], max_length=8)),
                ('url', models.URLField(max_length=400)),
                ('sealed', models.BinaryField()),
                ('sender', models.CharField(blank=True, max_length=20)),
                ('least', models.PositiveSmallIntegerField(default=5)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True), ('kind', 'sms')), fields=('operator',), name='faults_wayout_one_sms')],
            },
        ),
        tenancy.protect("faults_tellingchoice"),
        tenancy.protect("faults_wayout"),
        tenancy.protect("faults_notice"),
    ]
