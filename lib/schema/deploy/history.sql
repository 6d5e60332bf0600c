-- Deploy zero_admin:history to pg
-- requires: operations

BEGIN;

-- How the fleet was at each minute, for the plots of the status page.
CREATE TABLE zero_admin.ops_history (
    minute timestamptz PRIMARY KEY,
    sent_total bigint NOT NULL,
    failures_total bigint NOT NULL,
    parsed_total bigint NOT NULL,
    lag_ms bigint NOT NULL,
    due integer NOT NULL,
    dlq integer NOT NULL
);
COMMENT ON TABLE zero_admin.ops_history IS 'One row a minute for the whole fleet, written by whichever runner comes first.';
COMMENT ON COLUMN zero_admin.ops_history.due IS 'Events due and free, counted up to 10000.';
COMMENT ON COLUMN zero_admin.ops_history.dlq IS 'Unresolved dead letters, counted up to 100000.';

-- Called with every heartbeat. Nobody waits for anybody here: whoever does not get the lock leaves the minute to its holder,
-- because a runner calls this in the middle of its work, holding locks that others may wait for.
CREATE FUNCTION zero_admin.note_history() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    this_minute timestamptz := date_trunc('minute', now());
BEGIN
    IF EXISTS (SELECT FROM zero_admin.ops_history h WHERE h.minute = this_minute) OR NOT pg_try_advisory_xact_lock(730217, 100) THEN
        RETURN;
    END IF;
    INSERT INTO zero_admin.ops_history (minute, sent_total, failures_total, parsed_total, lag_ms, due, dlq)
    WITH RECURSIVE types AS (
        (SELECT q.event_type FROM zero_admin.outbox_queue q ORDER BY q.event_type LIMIT 1)
        UNION ALL
        SELECT (SELECT q.event_type FROM zero_admin.outbox_queue q
                 WHERE q.event_type > t.event_type ORDER BY q.event_type LIMIT 1)
          FROM types t WHERE t.event_type IS NOT NULL
    ), oldest AS (
        SELECT min(h.due_at) AS due_at
          FROM types t CROSS JOIN LATERAL (
               SELECT q.due_at FROM zero_admin.outbox_queue q
                WHERE q.event_type = t.event_type AND q.lease_until IS NULL AND q.due_at <= now() ORDER BY q.due_at LIMIT 1) h
    ), runners AS (
        SELECT coalesce(sum(r.done_total) FILTER (WHERE r.name = 'publisher'), 0) AS sent, coalesce(sum(r.failures_total), 0) AS failures,
               coalesce(sum(r.done_total) FILTER (WHERE r.name = 'worker'), 0) AS parsed
          FROM zero_admin.runner_heartbeats r
    )
    SELECT this_minute, r.sent, r.failures, r.parsed, coalesce(extract(epoch FROM now() - o.due_at) * 1000, 0)::bigint,
           (SELECT count(*) FROM (SELECT FROM types t CROSS JOIN LATERAL (
                       SELECT FROM zero_admin.outbox_queue q
                        WHERE q.event_type = t.event_type AND q.lease_until IS NULL AND q.due_at <= now() LIMIT 10000) s LIMIT 10000) n),
           (SELECT count(*) FROM (SELECT FROM zero_admin.dead_letters l WHERE l.resolved_at IS NULL LIMIT 100000) n)
      FROM runners r CROSS JOIN oldest o
    ON CONFLICT (minute) DO NOTHING;
END
$$;

REVOKE ALL ON FUNCTION zero_admin.note_history() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zero_admin.note_history() TO zero_admin_runner;
GRANT SELECT ON zero_admin.ops_history TO zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT DELETE ON zero_admin.ops_history TO zero_admin_operator;

SELECT zero_admin.change_deployed('history');

COMMIT;
