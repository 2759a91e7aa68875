from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("stations", "0008_add_quirks")]

    operations = []
