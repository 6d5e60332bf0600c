-- Removes the oldest dead letters that were resolved a certain time ago.
-- $1::int  days
-- $2::int  how many at most
WITH old AS MATERIALIZED (
    SELECT l.id FROM zero_admin.dead_letters l
     WHERE l.resolved_at IS NOT NULL AND l.resolved_at < now() - make_interval(days => $1)
     ORDER BY l.resolved_at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM zero_admin.dead_letters l USING old WHERE l.id = old.id RETURNING l.id
)
SELECT count(*) FROM gone
