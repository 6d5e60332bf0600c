-- What `show` tells beside what stands in select.sql. The payload is measured by the tool, never printed.
-- $1::uuid  letter
SELECT l.schema_version, l.idempotency_key, l.trace_id, l.last_error, l.attempt_count,
       to_char(l.event_created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS event_created_at,
       to_char(l.failed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS failed_at,
       to_char(l.resolved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS resolved_at,
       l.resolution, l.payload_json
  FROM zero_admin.dead_letters l WHERE l.id = $1
