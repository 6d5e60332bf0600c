-- The runners, each instance once: of one that was restarted, older rows wait to be taken over. Those that run first, of these those that
-- were seen longest ago.
WITH instances AS (
    SELECT r.name, r.host, r.instance, (array_agg(r.state ORDER BY r.loop_at DESC))[1] AS state, max(r.loop_at) AS loop_at,
           max(r.last_success_at) AS success_at, (array_agg(r.backlog ORDER BY r.loop_at DESC))[1] AS backlog,
           sum(r.done_total)::bigint AS done_total, sum(r.failures_total)::bigint AS failures_total
      FROM zero_admin.runner_heartbeats r
     GROUP BY r.name, r.host, r.instance
)
SELECT i.name, i.host, i.instance, i.state, greatest(0, extract(epoch FROM now() - i.loop_at))::bigint AS loop_age_s,
       CASE WHEN i.success_at IS NOT NULL THEN greatest(0, extract(epoch FROM now() - i.success_at)) END::bigint AS success_age_s,
       i.backlog, i.done_total, i.failures_total
  FROM instances i
 WHERE i.loop_at > now() - interval '7 days'
 ORDER BY i.state, i.loop_at, i.name, i.host, i.instance
 LIMIT 50
