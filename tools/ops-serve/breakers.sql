-- The endpoints, those with an open breaker first. One that nobody has probed for a day is no longer used, as in the metrics.
SELECT b.host, b.state, b.reason, greatest(0, extract(epoch FROM now() - b.changed_at))::bigint AS since_s, cardinality(b.failing) AS failing
  FROM zero_admin.delivery_breakers b
 WHERE b.state = 'closed' OR b.probe_at > now() - interval '1 day'
 ORDER BY b.state DESC, b.changed_at DESC
 LIMIT 20
