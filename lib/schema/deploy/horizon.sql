-- Deploy zero_admin:horizon to pg
-- requires: outbox

BEGIN;

-- How long ago the oldest snapshot was taken that keeps dead rows from being removed, in seconds; 0 when there is none.
-- A transaction tells its age. A replication slot or a standby tells only a transaction id, and its age is at least that
-- of the oldest finished event (looked for at 1, 2, 4 … minutes) whose id is not before it.
-- Null when a transaction's age is hidden from this role: pg_read_all_stats shows it.
CREATE FUNCTION zero_admin.horizon_age_s() RETURNS double precision
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH held AS MATERIALIZED (
        SELECT a.xact_start AS since, a.backend_xmin AS xmin, a.kind = 'walsender' AS standby
          FROM (SELECT s.*, coalesce(s.backend_type, 'hidden') AS kind FROM pg_stat_activity s) a
         WHERE a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid() AND a.kind <> 'autovacuum worker'
           AND (a.datname = current_database() OR a.kind = 'walsender')
        UNION ALL
        SELECT p.prepared, NULL, false FROM pg_prepared_xacts p WHERE p.database = current_database()
        UNION ALL
        SELECT NULL, s.xmin, true FROM pg_replication_slots s WHERE s.xmin IS NOT NULL
    )
    SELECT CASE WHEN bool_or(h.since IS NULL AND NOT h.standby) THEN NULL ELSE
               greatest(0, max(extract(epoch FROM clock_timestamp() - h.since)), (
                   SELECT max(extract(epoch FROM clock_timestamp() - d.done_at))
                     FROM generate_series(0, 15) n CROSS JOIN LATERAL (
                          SELECT e.done_at, e.xmin FROM zero_admin.outbox_done e
                           WHERE e.done_at <= now() - make_interval(mins => (2 ^ n)::integer) ORDER BY e.done_at DESC LIMIT 1) d
                    WHERE age(d.xmin) <= max(age(h.xmin)) FILTER (WHERE h.standby)))
           END::double precision
      FROM held h
$$;

SELECT zero_admin.change_deployed('horizon');

COMMIT;
