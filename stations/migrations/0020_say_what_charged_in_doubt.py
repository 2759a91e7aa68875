from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0019_note_who_shares_a_network")]

    operations = [
        migrations.AddField(
            model_name="impairment",
            name="is_blocking",
            field=models.BooleanField(default=True),
        ),
    ]
