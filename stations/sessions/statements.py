"""The hand-written SQL of the message path: each statement takes a set."""

from stations.metering.registers import DC_WORDS, MOST_AC_W, STANDARD_MAX_POWER_W

SESSION_TYPES = {
    "id": "bigint",
    "operator_id": "bigint",
    "station_id": "bigint",
    "connector_id": "bigint",
    "transaction": "text",
    "started_at": "timestamptz",
    "received_at": "timestamptz",
    "cable_id": "bigint",
    "token_id": "bigint",
    "driver_id": "bigint",
    "id_tag": "text",
    "state": "text",
    "ended_at": "timestamptz",
    "completed_at": "timestamptz",
    "meter_start_wh": "bigint",
    "meter_stop_wh": "bigint",
    "last_register_wh": "bigint",
    "last_power_w": "int",
    "last_soc_percent": "smallint",
    "last_meter_at": "timestamptz",
    "energy_wh": "bigint",
    "parking_s": "int",
    "parking_since": "timestamptz",
    "stop_reason": "text",
    "needs_review": "boolean",
    "flags": "text",
    "last_seq_no": "int",
    "remote_start_id": "bigint",
}
SESSION_COLUMNS = tuple(SESSION_TYPES)
_SESSION = ", ".join(
    "s.ocpp_transaction_id" if name == "transaction" else f"s.{name}" for name in SESSION_COLUMNS
)

# SHARE against the UPDATE that takes the next epoch: a superseded socket cannot commit after it.
LOCK_STATIONS = """
SELECT id, epoch, registration, pg_current_xact_id()::text::bigint % 4294967296
FROM stations_station WHERE id = ANY(%s::bigint[]) ORDER BY id FOR SHARE SKIP LOCKED
"""
# Which versions of the open sessions' rows are the newest: xmin is who wrote them.
READ_MARKS = """
SELECT s.station_id, s.id, s.xmin::text::bigint FROM stations_session s
WHERE s.connector_id = ANY(%s::bigint[]) AND s.state = 'open'
"""
READ_INBOX = """
SELECT i.station_id, i.key, i.payload_hash, i.answer::text
FROM unnest(%s::bigint[], %s::text[]) AS k(station_id, key)
JOIN stations_inbox i ON i.station_id = k.station_id AND i.key = k.key
"""
READ_TOKENS = """
SELECT t.operator_id, t.uid_key, t.id, t.driver_id, t.is_blocked, t.valid_until, t."group",
       CASE WHEN l.forbids_concurrent THEN ARRAY(
           SELECT s.connector_id FROM stations_session s
           WHERE s.token_id = t.id AND s.state = 'open') END
FROM unnest(%s::bigint[], %s::text[]) AS k(operator_id, uid_key)
JOIN stations_token t ON t.operator_id = k.operator_id AND t.uid_key = k.uid_key
LEFT JOIN stations_operationlimits l ON l.operator_id = t.operator_id
"""
_STANDARDS = " ".join(
    f"WHEN '{name}' THEN {power_w}" for name, power_w in STANDARD_MAX_POWER_W.items()
)
READ_PLACES = f"""
SELECT c.station_id, c.id, e.number, c.number,
       coalesce(c.max_power_w, e.max_power_w, s.max_power_w, CASE c.standard {_STANDARDS} END),
       c.status, c.status_occurred_at,
       c.standard ~* '{"|".join(DC_WORDS)}'
           OR coalesce(c.max_power_w, e.max_power_w, 0) > {MOST_AC_W}
FROM stations_connector c
JOIN stations_evse e ON e.id = c.evse_id
JOIN stations_station s ON s.id = c.station_id
WHERE c.station_id = ANY(%s::bigint[])
"""  # noqa: S608  words of our own
MAKE_PLACE = """
WITH given AS (
    SELECT %s::bigint AS operator, %s::bigint AS station, %s::int AS evse, %s::int AS number,
        %s::text AS code
), made AS (
    INSERT INTO stations_evse (operator_id, station_id, number, public_id)
    SELECT operator, station, evse, '' FROM given
    ON CONFLICT (station_id, number) DO UPDATE SET number = excluded.number RETURNING id
)
INSERT INTO stations_connector
    (operator_id, station_id, evse_id, number, public_code, kind, standard, status, error_code,
     vendor_error_code)
SELECT given.operator, given.station, made.id, given.number, given.code, 'socket',
    'IEC_62196_T2', '', '', ''
FROM made, given
ON CONFLICT (evse_id, number) DO UPDATE SET number = excluded.number
RETURNING id, (SELECT evse FROM given), number, max_power_w, status, status_occurred_at
"""
READ_SESSIONS = f"""
SELECT {_SESSION}, s.xmin::text::bigint FROM stations_session s
WHERE s.connector_id = ANY(%s::bigint[]) AND s.state = 'open'
UNION ALL
SELECT {_SESSION}, s.xmin::text::bigint
FROM unnest(%s::bigint[], %s::text[]) AS k(station_id, ocpp_transaction_id)
JOIN stations_session s ON s.station_id = k.station_id
    AND s.ocpp_transaction_id = k.ocpp_transaction_id
WHERE s.state <> 'open'
"""  # noqa: S608  column names of our own
READ_CABLES = """
SELECT k.connector_id, k.at, f.cable_id
FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(connector_id, at)
JOIN stations_cablefitting f ON f.connector_id = k.connector_id
    AND f.fitted_at <= k.at AND (f.removed_at IS NULL OR f.removed_at > k.at)
"""
DRAW_SESSION_IDS = """
SELECT nextval(pg_get_serial_sequence('stations_session', 'id')) FROM generate_series(1, %s)
"""

_SESSION_UNNEST = ", ".join(f"%s::{SESSION_TYPES[name]}[]" for name in SESSION_COLUMNS)
_SESSION_NAMES = ", ".join(SESSION_COLUMNS).replace("transaction", "ocpp_transaction_id")
_FIXED = {"id", "operator_id", "station_id", "transaction", "received_at"}


def _value(name: str) -> str:
    # A list of lists cannot be unnested row by row, so each row's flags travel as a literal.
    return "v.flags::text[]" if name == "flags" else f"v.{name}"


INSERT_SESSIONS = f"""
INSERT INTO stations_session ({_SESSION_NAMES}, source)
SELECT {", ".join(_value(name) for name in SESSION_COLUMNS)}, 'ocpp'
FROM unnest({_SESSION_UNNEST}) AS v({", ".join(SESSION_COLUMNS)})
"""  # noqa: S608
UPDATE_SESSIONS = f"""
UPDATE stations_session s
SET {", ".join(f"{name} = {_value(name)}" for name in SESSION_COLUMNS if name not in _FIXED)}
FROM unnest({_SESSION_UNNEST}) AS v({", ".join(SESSION_COLUMNS)})
WHERE s.id = v.id
"""  # noqa: S608
# Most frames of a session only move its meter on: seven columns instead of twenty-eight.
UPDATE_METERED = """
UPDATE stations_session s SET last_register_wh = v.register, last_power_w = v.power,
    last_soc_percent = v.soc, last_meter_at = v.at
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::smallint[], %s::timestamptz[])
    AS v(id, register, power, soc, at)
WHERE s.id = v.id
"""
INSERT_FRAMES = """
INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound, action,
    message_id, error, frame, answer, answered_at)
SELECT o, s, t, true, a, m, e, f, r,
    CASE WHEN r IS NOT NULL THEN greatest(t, clock_timestamp()) END
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
    %s::bytea[], %s::bytea[]) AS v(o, s, t, a, m, e, f, r)
"""
INSERT_INBOX = """
INSERT INTO stations_inbox (operator_id, station_id, key, payload_hash, action, answer,
    session_id, received_at, duplicates, state)
SELECT o, s, k, h, a, j, i, r, 0, t
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[], %s::text[], %s::jsonb[],
    %s::bigint[], %s::timestamptz[], %s::text[]) AS v(o, s, k, h, a, j, i, r, t)
"""
COUNT_DUPLICATES = """
UPDATE stations_inbox i SET duplicates = i.duplicates + 1
FROM unnest(%s::bigint[], %s::text[]) AS v(station_id, key)
WHERE i.station_id = v.station_id AND i.key = v.key
"""
KEEP_CONFLICTS = """
UPDATE stations_inbox i SET duplicates = i.duplicates + 1, conflict = coalesce(i.conflict, v.c)
FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS v(station_id, key, c)
WHERE i.station_id = v.station_id AND i.key = v.key
"""
INSERT_STATUS_CHANGES = """
INSERT INTO stations_statuschange (operator_id, station_id, connector_id, status, error_code,
    vendor_id, vendor_error_code, detail, occurred_at, received_at)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
"""
UPDATE_CONNECTORS = """
UPDATE stations_connector c SET status = v.status, error_code = v.error_code,
    vendor_error_code = v.vendor, status_occurred_at = v.occurred, status_received_at = v.received
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::timestamptz[]) AS v(id, status, error_code, vendor, occurred, received)
WHERE c.id = v.id AND (c.status_occurred_at IS NULL OR c.status_occurred_at <= v.occurred)
"""
UPDATE_STATION_STATUS = """
UPDATE stations_station s SET status = v.status, error_code = v.error_code
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v(id, status, error_code) WHERE s.id = v.id
"""
UPDATE_METERS = """
UPDATE stations_connector c SET last_register_wh = coalesce(v.register, c.last_register_wh),
    last_power_w = coalesce(v.power, c.last_power_w), last_meter_at = v.at
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[]) AS v(id, register, power, at)
WHERE c.id = v.id AND (c.last_meter_at IS NULL OR c.last_meter_at <= v.at)
"""
INSERT_OBSERVATIONS = """
INSERT INTO stations_observation (operator_id, station_id, connector_id, kind, source_id, detail,
    occurred_at, received_at)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[],
    %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (station_id, kind, source_id) WHERE source_id <> '' DO NOTHING
"""
INSERT_ORPHANS = """
INSERT INTO stations_orphanstop (operator_id, station_id, ocpp_transaction_id, id_tag,
    meter_stop_wh, reason, occurred_at, received_at, payload)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[],
    %s::timestamptz[], %s::timestamptz[], %s::jsonb[])
"""
UPDATE_BOOTED = """
UPDATE stations_station s SET vendor = v.vendor, model = v.model, serial_number = v.serial,
    firmware_version = v.firmware, last_boot_at = v.at,
    registration = CASE s.registration WHEN 'new' THEN 'accepted' ELSE s.registration END
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS v(id, vendor, model, serial, firmware, at)
WHERE s.id = v.id
"""
UPDATE_SEEN = """
UPDATE stations_station s SET last_seen_at = v.at,
    check_after = v.at + make_interval(secs => 2 * s.heartbeat_interval_s + 30)
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(id, at) WHERE s.id = v.id
"""
METER_COLUMNS = (
    ("energy_wh", "bigint"),
    ("power_w", "int"),
    ("power_offered_w", "int"),
    ("current_a", "numeric"),
    ("current_l1_a", "numeric"),
    ("current_l2_a", "numeric"),
    ("current_l3_a", "numeric"),
    ("current_offered_a", "numeric"),
    ("voltage_v", "numeric"),
    ("voltage_l1_v", "numeric"),
    ("voltage_l2_v", "numeric"),
    ("voltage_l3_v", "numeric"),
    ("soc_percent", "smallint"),
    ("temperature_c", "numeric"),
    ("temperature_body_c", "numeric"),
)
INSERT_METER_VALUES = f"""
INSERT INTO stations_metervalue (operator_id, station_id, connector_id, session_id, occurred_at,
    received_at, context, {", ".join(name for name, _ in METER_COLUMNS)}, extra)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[],
    %s::timestamptz[], %s::text[], {", ".join(f"%s::{kind}[]" for _, kind in METER_COLUMNS)},
    %s::jsonb[])
"""  # noqa: S608
