-- The endpoints, those with an open breaker first.
SELECT b.host, b.state, b.reason, greatest(0, extract(epoch FROM now() - b.changed_at))::bigint AS since_s, cardinality(b.failing) AS failing
  FROM zero_admin.delivery_breakers b
 ORDER BY b.state DESC, b.changed_at DESC
 LIMIT 20
