-- Months are made ahead by the application, which may not create tables: these two functions run
-- as the owner. A month whose rows are in the DEFAULT partition already stays there.
CREATE FUNCTION stations_make_partitions(first_month date, months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    since date;
    child text;
    made integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['stations_ocppframe', 'stations_metervalue'] LOOP
        FOR n IN 0 .. months - 1 LOOP
            since := date_trunc('month', first_month) + make_interval(months => n);
            child := format('%s_%s', parent, to_char(since, 'YYYY_MM'));
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    child, parent, since || ' 00:00:00+00',
                    (since + interval '1 month')::date || ' 00:00:00+00');
                -- read through the parent, behind its wall, and no other way
                EXECUTE format('REVOKE ALL ON %I FROM chargenet_web', child);
                EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
                EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
                EXECUTE format(
                    'CREATE POLICY every_operator ON %I TO chargenet_system'
                    ' USING (true) WITH CHECK (true)', child);
                made := made + 1;
            EXCEPTION WHEN check_violation OR duplicate_table THEN
                RAISE NOTICE 'month % of % stays where it is', since, parent;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION stations_drop_frames(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    child text;
    dropped integer := 0;
BEGIN
    FOR child IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'stations_ocppframe'::regclass
          AND c.relname ~ '^stations_ocppframe_\d{4}_\d{2}$'
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE %I', child);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION stations_make_partitions(date, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION stations_drop_frames(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stations_make_partitions(date, integer) TO chargenet_system;
GRANT EXECUTE ON FUNCTION stations_drop_frames(date) TO chargenet_system;
