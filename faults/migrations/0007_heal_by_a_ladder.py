import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_protect_tenants"),
        ("faults", "0006_keep_baselines_of_cables"),
        ("stations", "0016_add_station_tariffs"),
    ]

    operations = [
        migrations.CreateModel(
            name='Healing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8)),
                ('station_model', models.CharField(blank=True, max_length=160)),
                ('round', models.PositiveIntegerField(default=0)),
                ('began_at', models.DateTimeField()),
                ('check_at', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, max_length=24)),
                ('healed_at', models.DateTimeField(null=True)),
                ('verified_at', models.DateTimeField(null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('fault', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='healing', to='faults.fault')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stations.station')),
            ],
        ),
        migrations.CreateModel(
            name='HealingPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('off', 'Off'), ('dry_run', 'Dry run: say what would be done'), ('on', 'On')], default='dry_run', max_length=8)),
                ('makes_safe', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('operator', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
        ),
        migrations.CreateModel(
            name='HealingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveIntegerField(default=0)),
                ('step', models.CharField(max_length=16)),
                ('is_dry_run', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('has_helped', models.BooleanField(null=True)),
                ('command', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='stations.command')),
                ('healing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='faults.healing')),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
            ],
        ),
        migrations.AddIndex(
            model_name='healing',
            index=models.Index(models.F('check_at'), condition=models.Q(('check_at__isnull', False)), name='faults_healing_due'),
        ),
        migrations.AddIndex(
            model_name='healing',
            index=models.Index(fields=['operator', '-began_at'], name='faults_healing_recent'),
        ),
        migrations.AddIndex(
            model_name='healingstep',
            index=models.Index(fields=['healing', 'at'], name='faults_healingstep_story'),
        ),
        *(
            tenancy.protect(f"faults_{name}")
            for name in ("healing", "healingpolicy", "healingstep")
        ),
    ]
