from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stations", "0017_note_remarkable_readings")]
    operations = []
