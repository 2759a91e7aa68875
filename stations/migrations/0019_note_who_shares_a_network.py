from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0018_say_when_a_site_is_open")]
    operations = [
        migrations.AddField(
            model_name="station",
            name="network_group",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
    ]
