from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("stations", "0007_lean_hot_path")]

    operations = []
