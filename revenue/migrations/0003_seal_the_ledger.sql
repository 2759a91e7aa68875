-- The ledger's integrity lives here: whatever the application does wrong, the books stay whole.
--   1. All lines of an entry arrive in one INSERT, as many as its header says; then it is sealed.
--   2. They sum to zero in every currency and agree with their header and their accounts.
--   3. A reversing entry is the exact mirror of the entry it reverses, tags included.
--   4. A header without lines cannot be committed.
--   5. Nothing is updated, deleted or truncated, by the owner of the tables either.
-- The functions run as whoever writes: row-level security can only hide rows from them, and a row
-- they cannot see counts as wrong.

CREATE FUNCTION revenue_check_entries() RETURNS trigger LANGUAGE plpgsql
-- A plan made while the tables were empty must not scan them when they have grown.
SET enable_seqscan = off
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT f.entry_id, f.lines, e.line_count INTO wrong
    FROM (SELECT entry_id, count(*) AS lines FROM fresh GROUP BY entry_id) f
    LEFT JOIN revenue_journalentry e ON e.id = f.entry_id
    WHERE e.id IS NULL
       OR e.line_count <> f.lines
       OR f.lines <> (SELECT count(*) FROM revenue_posting p WHERE p.entry_id = f.entry_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is sealed: it takes its % lines in one INSERT, once; these are %',
            wrong.entry_id, coalesce(wrong.line_count::text, 'unknown'), wrong.lines
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revenue_entry_sealed';
    END IF;

    SELECT entry_id, currency, sum(amount) AS off INTO wrong
    FROM fresh GROUP BY entry_id, currency HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: it is off by % %',
            wrong.entry_id, wrong.off, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revenue_entry_balanced';
    END IF;

    SELECT f.id, f.entry_id INTO wrong
    FROM fresh f
    LEFT JOIN revenue_journalentry e ON e.id = f.entry_id
    LEFT JOIN revenue_ledgeraccount a ON a.id = f.account_id
    WHERE (f.operator_id, f.operator_id, f.currency, f.date)
        IS DISTINCT FROM (e.operator_id, a.operator_id, a.currency, e.date)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % of entry % differs from its header or account in operator, currency or date',
            wrong.id, wrong.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revenue_entry_agrees';
    END IF;

    SELECT e.id, e.reverses_id INTO wrong
    FROM (SELECT DISTINCT entry_id FROM fresh) f
    JOIN revenue_journalentry e ON e.id = f.entry_id AND e.reverses_id IS NOT NULL
    LEFT JOIN revenue_journalentry o ON o.id = e.reverses_id
    WHERE o.operator_id IS DISTINCT FROM e.operator_id
       OR EXISTS (
            SELECT FROM revenue_posting p WHERE p.entry_id IN (e.id, e.reverses_id)
            GROUP BY account_id, currency, customer_id, session_id, location_id, station_id,
                     connector_id, cable_id
            HAVING sum(amount) <> 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is no mirror of entry %, which it reverses',
            wrong.id, wrong.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revenue_entry_mirrors';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER revenue_posting_sealed AFTER INSERT ON revenue_posting
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION revenue_check_entries();

-- With this, every committed header has its lines: a concurrent transaction that sees the header
-- sees them too, and the count above refuses a second set.
CREATE FUNCTION revenue_check_header() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM revenue_posting WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no lines', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revenue_entry_has_lines';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER revenue_entry_has_lines AFTER INSERT ON revenue_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION revenue_check_header();

-- The setting lets the tests empty their tables between cases. It opens TRUNCATE only, which the
-- application's roles have no right to; it is a seat belt for the owner, not a wall.
CREATE FUNCTION revenue_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('chargenet.ledger_maintenance', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % refused: the ledger is append-only, correct it with a reversing entry',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER revenue_posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revenue_posting
    FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuse_change();
CREATE TRIGGER revenue_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revenue_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuse_change();
CREATE TRIGGER revenue_account_kept BEFORE TRUNCATE ON revenue_ledgeraccount
    FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuse_change();

-- An account's number and name are the operator's to edit; what it means is not.
CREATE FUNCTION revenue_refuse_new_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account % keeps its operator, currency, purpose and kind: open another account',
        OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER revenue_account_means_the_same BEFORE UPDATE ON revenue_ledgeraccount
    FOR EACH ROW
    WHEN ((OLD.id, OLD.operator_id, OLD.currency, OLD.purpose, OLD.kind)
        IS DISTINCT FROM (NEW.id, NEW.operator_id, NEW.currency, NEW.purpose, NEW.kind))
    EXECUTE FUNCTION revenue_refuse_new_meaning();
