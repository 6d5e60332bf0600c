-- Unresolved dead letters by type and reason, the most frequent first; of the oldest 10000.
SELECT l.event_type, l.reason, count(*) AS letters, greatest(0, extract(epoch FROM now() - min(l.failed_at)))::bigint AS oldest_s
  FROM (SELECT d.event_type, d.reason, d.failed_at FROM zero_admin.dead_letters d WHERE d.resolved_at IS NULL ORDER BY d.failed_at, d.id LIMIT 10000) l
 GROUP BY l.event_type, l.reason
 ORDER BY letters DESC, l.event_type, l.reason
 LIMIT 10
