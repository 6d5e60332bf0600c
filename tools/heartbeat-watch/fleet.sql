-- The newest heartbeat of each runner: of one that was restarted, older rows wait to be taken over or folded.
-- $1::bigint  a runner that has been silent for longer is one that was taken away, in milliseconds
WITH newest AS (
    SELECT DISTINCT ON (r.name, r.host, r.instance) r.name, r.host, r.instance, r.state, r.loop_at, r.backlog
      FROM zero_admin.runner_heartbeats r
     ORDER BY r.name, r.host, r.instance, r.loop_at DESC
)
SELECT n.name, n.host, n.instance, n.state = 'stopped' AS stopped,
       floor(extract(epoch FROM now() - n.loop_at) * 1000)::bigint AS age_ms,
       (SELECT floor(extract(epoch FROM now() - max(s.last_success_at)) * 1000)::bigint FROM zero_admin.runner_heartbeats s
         WHERE s.name = n.name AND s.host = n.host AND s.instance = n.instance) AS success_age_ms,
       n.backlog
  FROM newest n
 WHERE n.loop_at > now() - make_interval(secs => $1 / 1000.0)
 ORDER BY n.name, n.host, n.instance
