from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("stations", "0011_add_charging_profiles")]

    operations = []
