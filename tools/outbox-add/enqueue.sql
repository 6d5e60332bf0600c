-- Enqueues events; a duplicate yields the id of the first.
-- $1::uuid[]  tenants
-- $2::text[]  types
-- $3::text[]  payloads
-- $4::text[]  idempotency keys
-- $5::text[]  schema versions
-- $6::text[]  trace ids
SELECT ord, event_id, duplicate
  FROM zero_admin.enqueue_events($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
 ORDER BY ord
