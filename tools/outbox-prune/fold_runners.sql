-- Adds the counters of runners that are gone for a day into the row that is theirs to be adopted next, and removes the others.
WITH gone AS MATERIALIZED (
    SELECT r.*, row_number() OVER (PARTITION BY r.name, r.host, r.instance ORDER BY r.loop_at DESC, r.id) AS nth
      FROM (SELECT h.* FROM zero_admin.runner_heartbeats h WHERE h.loop_at < now() - interval '1 day' FOR UPDATE SKIP LOCKED) r
), folded AS (
    DELETE FROM zero_admin.runner_heartbeats h USING gone WHERE h.id = gone.id AND gone.nth > 1 RETURNING h.id
), kept AS (
    UPDATE zero_admin.runner_heartbeats h
       SET loops = h.loops + s.loops, attempts_total = h.attempts_total + s.attempts_total, done_total = h.done_total + s.done_total,
           failures_total = h.failures_total + s.failures_total, dead_total = h.dead_total + s.dead_total,
           duration_ms_sum = h.duration_ms_sum + s.duration_ms_sum, chunk_bytes_total = h.chunk_bytes_total + s.chunk_bytes_total
      FROM (SELECT first.id, sum(rest.loops) AS loops, sum(rest.attempts_total) AS attempts_total, sum(rest.done_total) AS done_total,
                   sum(rest.failures_total) AS failures_total, sum(rest.dead_total) AS dead_total,
                   sum(rest.duration_ms_sum) AS duration_ms_sum, sum(rest.chunk_bytes_total) AS chunk_bytes_total
              FROM gone first JOIN gone rest ON rest.name = first.name AND rest.host = first.host AND rest.instance = first.instance AND rest.nth > 1
             WHERE first.nth = 1 GROUP BY first.id) s
     WHERE h.id = s.id
)
SELECT count(*) FROM folded
