-- Prolongs leases that are still held; yields the events for which that was so.
-- $1::uuid[]  events
-- $2::uuid[]  their lease tokens
-- $3::int     length of the lease in seconds
UPDATE zero_admin.outbox_queue q
   SET lease_until = now() + make_interval(secs => $3), updated_at = now()
  FROM unnest($1::uuid[], $2::uuid[]) AS g(id, token)
 WHERE q.id = ANY (ARRAY(SELECT unnest($1::uuid[]))) AND q.id = g.id AND q.lease_token = g.token
RETURNING q.id
