-- The minutes of the last hours, oldest first.
-- $1::int  hours
SELECT floor(extract(epoch FROM now() - h.minute) / 60)::int AS minutes_ago, h.sent_total, h.failures_total, h.parsed_total, h.lag_ms, h.due, h.dlq
  FROM zero_admin.ops_history h
 WHERE h.minute > now() - make_interval(hours => $1)
 ORDER BY h.minute
