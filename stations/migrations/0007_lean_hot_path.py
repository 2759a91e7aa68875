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
"""# Rows the socket updates need room beside them: then an update touches no index (HOT), and what it
# left is pruned in place. Vacuum comes early, for these tables are small or change all over.
ROOM = """
ALTER TABLE stations_station SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE stations_connector SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE stations_session SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05);
"""
NO_ROOM = """
ALTER TABLE stations_station RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE stations_connector RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE stations_session RESET (fillfactor, autovacuum_vacuum_scale_factor,
    autovacuum_analyze_scale_factor);
"""


class Migration(migrations.Migration):

    dependencies = [("stations", "0006_add_station_reports_and_follow_ups")]

    operations = [
        migrations.RunSQL(EXCHANGES, NO_EXCHANGES),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
