from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("0005_partition_frames_and_samples_by_month.sql").read_text(
    encoding="utf-8"
)
REVERSE = """
DROP FUNCTION stations_make_partitions(date, integer);
DROP FUNCTION stations_drop_frames(date);
"""


def make_first(apps, schema_editor):
    month = datetime.now(UTC).date().replace(day=1)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT stations_make_partitions(%s, 3)", [month])


class Migration(migrations.Migration):
    dependencies = [("stations", "0004_protect_tenants")]
    operations = [
        migrations.RunSQL(SQL, REVERSE),
        migrations.RunPython(make_first, migrations.RunPython.noop),
    ]
