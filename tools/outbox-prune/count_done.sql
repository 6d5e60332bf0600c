-- How many finished events prune_done.sql would remove.
-- $1::int  days
SELECT count(*) FROM zero_admin.outbox_done d
 WHERE d.done_at < now() - make_interval(days => $1)
   AND (d.status <> 'dlq' OR NOT EXISTS (SELECT FROM zero_admin.dead_letters l WHERE l.event_id = d.id AND l.resolved_at IS NULL))
