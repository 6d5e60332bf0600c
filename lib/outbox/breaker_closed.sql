-- The endpoint accepted an event: closes its breaker and forgets what failed before. Yields a row when there was something to forget.
-- One plan: as in claim.sql. It goes with every completion.
-- $1::bigint  endpoint
WITH before AS MATERIALIZED (
    SELECT b.ctid AS at, b.state FROM zero_admin.delivery_breakers b
     WHERE b.endpoint = $1 AND (b.state <> 'closed' OR b.failing <> '{}') FOR UPDATE
)
UPDATE zero_admin.delivery_breakers b
   SET state = 'closed', failing = '{}', probe_at = NULL, probe_ms = 0, reason = NULL, probe_cursor = NULL,
       changed_at = CASE WHEN b.state = 'open' THEN clock_timestamp() ELSE b.changed_at END
 WHERE b.ctid = ANY (ARRAY(SELECT before.at FROM before))
RETURNING (SELECT before.state = 'open' FROM before) AS was_open
