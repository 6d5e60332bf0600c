-- How many dead letters prune_dead_letters.sql would remove.
-- $1::int  days
SELECT count(*) FROM zero_admin.dead_letters l WHERE l.resolved_at IS NOT NULL AND l.resolved_at < now() - make_interval(days => $1)
