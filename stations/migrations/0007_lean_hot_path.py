from django.db import migrations

# One row an exchange: the call, and beside it the answer once there is one. New columns come last
# and without a rewrite; what was kept before stays two rows.
EXCHANGES = """
ALTER TABLE stations_ocppframe
    ADD COLUMN message_id varchar(36) NOT NULL DEFAULT '',
    ADD COLUMN error varchar(40) NOT NULL DEFAULT '',
    ADD COLUMN answer bytea,
    ADD COLUMN answered_at timestamptz;
"""
NO_EXCHANGES = """
ALTER TABLE stations_ocppframe
    DROP COLUMN message_id, DROP COLUMN error, DROP COLUMN answer, DROP COLUMN answered_at;
"""

class Migration(migrations.Migration):

    dependencies = [("stations", "0006_add_station_reports_and_follow_ups")]

    operations = [migrations.RunSQL(EXCHANGES, NO_EXCHANGES)]
