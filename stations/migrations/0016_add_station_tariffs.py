import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_protect_tenants'),
        ('stations', '0015_remember_when_a_campaign_was_resumed'),
    ]

    operations = [
        migrations.AddField(
            model_name='screen',
            name='most_prices',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='screen',
            name='takes_conditions',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='screen',
            name='takes_tariffs',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='screen',
            name='tariffs_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='screen',
            name='tariffs_read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='showncost',
            name='is_final',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='StationTariff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('evse_number', models.PositiveIntegerField()),
                ('tariff_id', models.CharField(blank=True, max_length=60)),
                ('text', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('sent', 'Asked'), ('held', 'Held'), ('refused', 'Refused'), ('unsure', 'No answer'), ('unsayable', 'Cannot be said'), ('clearing', 'Being cleared'), ('cleared', 'Cleared')], default='sent', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=120)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('reported_id', models.CharField(blank=True, max_length=60)),
                ('reported_at', models.DateTimeField(null=True)),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tariffs', to='stations.station')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('station', 'evse_number'), name='stations_tariff_one_evse')],
            },
        ),
        tenancy.protect("stations_stationtariff"),
    ]
