from pathlib import Path

from django.db import migrations

HERE = Path(__file__)


class Migration(migrations.Migration):
    dependencies = [("revenue", "0002_protect_tenants")]
    operations = [
        migrations.RunSQL(
            HERE.with_suffix(".sql").read_text(encoding="utf-8"),
            HERE.with_suffix(".reverse.sql").read_text(encoding="utf-8"),
        )
    ]
