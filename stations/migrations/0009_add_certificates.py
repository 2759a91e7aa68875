import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_protect_tenants"),
        ("stations", "0008_add_quirks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateAuthority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('use', models.CharField(choices=[('station', "Stations' certificates"), ('csms', 'This system, to stations'), ('manufacturer', 'Manufacturer, firmware'), ('v2g', 'Plug and charge (V2G)'), ('mo', 'Mobility operator')], max_length=12)),
                ('name', models.CharField(max_length=160)),
                ('organization', models.CharField(blank=True, max_length=160)),
                ('pem', models.TextField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('not_before', models.DateTimeField()),
                ('not_after', models.DateTimeField()),
                ('is_active', models.BooleanField(default=True)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['use', 'name'],
            },
        ),
        migrations.CreateModel(
            name='CertificateRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report_id', models.BigIntegerField(null=True)),
                ('kind', models.CharField(max_length=40)),
                ('request_id', models.BigIntegerField(null=True)),
                ('csr', models.TextField()),
                ('common_name', models.CharField(blank=True, max_length=160)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for the signed chain'), ('signed', 'Signed, on its way'), ('accepted', 'Installed'), ('rejected', 'Refused by the station'), ('refused', 'Refused by us'), ('failed', 'Not delivered')], default='waiting', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('chain', models.TextField(blank=True)),
                ('serial_number', models.CharField(blank=True, max_length=40)),
                ('not_before', models.DateTimeField(null=True)),
                ('not_after', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('requested_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='InstalledCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('hash_algorithm', models.CharField(max_length=8)),
                ('issuer_name_hash', models.CharField(max_length=128)),
                ('issuer_key_hash', models.CharField(max_length=128)),
                ('serial_number', models.CharField(max_length=40)),
                ('is_child', models.BooleanField(default=False)),
                ('subject', models.CharField(blank=True, max_length=255)),
                ('not_after', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RevokedCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial_number', models.CharField(max_length=40)),
                ('reason', models.CharField(blank=True, max_length=160)),
                ('revoked_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StationAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_open_allowed', models.BooleanField(default=False)),
                ('pending_password_hash', models.CharField(blank=True, max_length=480)),
                ('password_changed_at', models.DateTimeField(null=True)),
                ('pending_profile', models.PositiveSmallIntegerField(null=True)),
                ('certificate_name', models.CharField(blank=True, max_length=80)),
                ('is_expired_allowed', models.BooleanField(default=False)),
                ('is_renewing', models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name='command',
            name='sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name='observation',
            index=models.Index(condition=models.Q(('kind__in', ('security_event', 'authentication_failed', 'profile_refused', 'certificate_refused', 'serial_mismatch', 'identity_contested', 'taken_over', 'token_guessing', 'foreign_transaction'))), fields=['operator', '-occurred_at'], name='stations_observation_security'),
        ),
        migrations.AddField(
            model_name='certificateauthority',
            name='added_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='certificateauthority',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='certificaterequest',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='certificaterequest',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificate_requests', to='stations.station'),
        ),
        migrations.AddField(
            model_name='installedcertificate',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='installedcertificate',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='installed_certificates', to='stations.station'),
        ),
        migrations.AddField(
            model_name='revokedcertificate',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='revokedcertificate',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stationaccess',
            name='operator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator'),
        ),
        migrations.AddField(
            model_name='stationaccess',
            name='station',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='access', to='stations.station'),
        ),
        migrations.AddConstraint(
            model_name='certificateauthority',
            constraint=models.UniqueConstraint(fields=('operator', 'use', 'fingerprint'), name='stations_authority_once'),
        ),
        migrations.AddIndex(
            model_name='certificaterequest',
            index=models.Index(fields=['station', '-requested_at'], name='stations_request_station'),
        ),
        migrations.AddIndex(
            model_name='certificaterequest',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='stations_request_next'),
        ),
        migrations.AddConstraint(
            model_name='certificaterequest',
            constraint=models.UniqueConstraint(condition=models.Q(('report_id__isnull', False)), fields=('report_id',), name='stations_request_report'),
        ),
        migrations.AddIndex(
            model_name='installedcertificate',
            index=models.Index(fields=['operator', 'not_after'], name='stations_installed_end'),
        ),
        migrations.AddConstraint(
            model_name='installedcertificate',
            constraint=models.UniqueConstraint(fields=('station', 'kind', 'hash_algorithm', 'issuer_name_hash', 'issuer_key_hash', 'serial_number'), name='stations_installed_once'),
        ),
        migrations.AddConstraint(
            model_name='revokedcertificate',
            constraint=models.UniqueConstraint(fields=('operator', 'serial_number'), name='stations_revoked_once'),
        ),
        migrations.AddConstraint(
            model_name='stationaccess',
            constraint=models.CheckConstraint(condition=models.Q(('pending_profile__isnull', True), ('pending_profile__range', (1, 3)), _connector='OR'), name='stations_access_profile'),
        ),
        tenancy.protect("stations_certificateauthority"),
        tenancy.protect("stations_certificaterequest"),
        tenancy.protect("stations_installedcertificate"),
        tenancy.protect("stations_revokedcertificate"),
        tenancy.protect("stations_stationaccess"),
    ]
