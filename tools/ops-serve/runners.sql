-- The runners, those that run first.
SELECT r.name, r.host, r.instance, r.state, greatest(0, extract(epoch FROM now() - r.loop_at))::bigint AS loop_age_s,
       CASE WHEN r.last_success_at IS NOT NULL THEN greatest(0, extract(epoch FROM now() - r.last_success_at)) END::bigint AS success_age_s, r.backlog, r.done_total, r.failures_total
  FROM zero_admin.runner_heartbeats r
 WHERE r.loop_at > now() - interval '1 day'
 ORDER BY r.state, r.name, r.host, r.instance, r.loop_at DESC
 LIMIT 50
