from django.db import migrations

# No exclusion constraint: it needs btree_gist, which a bare PostgreSQL lacks. The advisory locks
# make two concurrent fittings of the same cable or connector wait for each other.
SQL = """
CREATE FUNCTION stations_forbid_overlapping_fitting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('fitting', NEW.operator_id));
    IF EXISTS (
        SELECT FROM stations_cablefitting o
        WHERE o.id <> NEW.id
          AND (o.cable_id = NEW.cable_id OR o.connector_id = NEW.connector_id)
          AND tstzrange(o.fitted_at, o.removed_at, '[)')
              && tstzrange(NEW.fitted_at, NEW.removed_at, '[)')
    ) THEN
        RAISE EXCEPTION 'a cable is fitted to one connector at a time, and a connector has one cable'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'stations_fitting_no_overlap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stations_fitting_no_overlap
    BEFORE INSERT OR UPDATE ON stations_cablefitting
    FOR EACH ROW EXECUTE FUNCTION stations_forbid_overlapping_fitting();
"""

REVERSE = """
DROP TRIGGER stations_fitting_no_overlap ON stations_cablefitting;
DROP FUNCTION stations_forbid_overlapping_fitting();
"""


class Migration(migrations.Migration):
    dependencies = [("stations", "0002_create_partitioned_tables")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
