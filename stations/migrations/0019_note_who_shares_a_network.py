from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stations", "0018_say_when_a_site_is_open")]
    operations = []
