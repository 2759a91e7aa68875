from django.db import migrations

SQL = """
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['chargenet_web', 'chargenet_system'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            EXCEPTION
                -- another database of this cluster is being migrated at the same moment
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'The role % is missing and this login may not create it. '
                        'As a superuser run: CREATE ROLE % NOLOGIN; GRANT % TO %;',
                        r, r, r, CURRENT_USER;
            END;
        END IF;
        -- SET without INHERIT: the owner may act as the role, and is not seen as it by policies
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER) THEN
            IF current_setting('server_version_num')::int >= 160000 THEN
                EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', r, CURRENT_USER);
            ELSE
                EXECUTE format('GRANT %I TO %I', r, CURRENT_USER);
            END IF;
        END IF;
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO chargenet_web, chargenet_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chargenet_web, chargenet_system;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO chargenet_web, chargenet_system;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO chargenet_web, chargenet_system;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO chargenet_web, chargenet_system;

CREATE FUNCTION chargenet_operators() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        string_to_array(nullif(current_setting('chargenet.operators', true), ''), ',')::bigint[],
        '{}'::bigint[])
$$;
CREATE FUNCTION chargenet_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('chargenet.person', true), '')::bigint
$$;
"""

REVERSE = """
DROP FUNCTION chargenet_operators();
DROP FUNCTION chargenet_person();
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    REVOKE ALL ON TABLES FROM chargenet_web, chargenet_system;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    REVOKE ALL ON SEQUENCES FROM chargenet_web, chargenet_system;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    run_before = [
        ("contenttypes", "0001_initial"),
        ("auth", "0001_initial"),
        ("sessions", "0001_initial"),
        ("admin", "0001_initial"),
    ]
    operations = [migrations.RunSQL(SQL, REVERSE)]
