-- Gives events back that never went out: uncharged, due as they were. One that was under suspicion stays so.
-- $1::uuid[]  events
-- $2::uuid[]  their lease tokens
UPDATE zero_admin.outbox_queue q
   SET lease_token = NULL, lease_owner = NULL, lease_until = CASE WHEN q.lease_alone THEN now() END, lease_alone = false, updated_at = now()
  FROM unnest($1::uuid[], $2::uuid[]) AS g(id, token)
 WHERE q.id = ANY (ARRAY(SELECT unnest($1::uuid[]))) AND q.id = g.id AND q.lease_token = g.token
RETURNING q.id
