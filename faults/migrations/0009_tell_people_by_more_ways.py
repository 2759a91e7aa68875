from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("faults", "0008_let_tickets_have_a_life")]
    operations = []
