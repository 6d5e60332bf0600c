-- Verify zero_admin:operations on pg

SELECT id, name, host, instance, pid, state, started_at, loop_at, last_success_at, loops, attempts_total, done_total, failures_total,
       dead_total, duration_ms_sum, chunk_bytes_total, backlog
  FROM zero_admin.runner_heartbeats WHERE false;
SELECT endpoint, host, state, reason, failing, changed_at, probe_at, probe_tenant, probe_cursor, probe_ms
  FROM zero_admin.delivery_breakers WHERE false;
SELECT id, run_id, kind, at, actor_hash, key_id, host, os_user, os_uid, action, outcome, cause, filter, counts, dead_letter_id, event_id
  FROM zero_admin.ops_audit WHERE false;
