-- Who has the lease of replays.
SELECT s.run_id, s.host, to_char(s.lease_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS lease_until
  FROM zero_admin.replay_state s WHERE s.run_id IS NOT NULL
