from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faults", "0013_try_rules_before_setting_them")]
    operations = [
        migrations.AddField(
            model_name="tellingchoice",
            name="quiet_from",
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name="tellingchoice",
            name="quiet_until",
            field=models.TimeField(null=True),
        ),
    ]
