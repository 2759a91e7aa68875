import django.db.models.deletion
from django.db import migrations, models

from chargenet.core import tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_protect_tenants'),
        ('faults', '0013_try_rules_before_setting_them'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='driverreport',
            name='photo_key',
        ),
        migrations.RemoveField(
            model_name='driverreport',
            name='photo_type',
        ),
        migrations.CreateModel(
            name='ReportPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('picture', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
                ('operator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operator')),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='photo', to='faults.driverreport')),
            ],
        ),
        tenancy.protect("faults_reportphoto"),
    ]
