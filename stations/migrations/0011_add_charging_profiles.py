from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("stations", "0010_add_device_model")]

    operations = []
