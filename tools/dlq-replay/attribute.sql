-- Who resolved a dead letter: what the audit keeps of it.
-- $1::uuid  letter
SELECT a.actor_hash, a.key_id
  FROM zero_admin.ops_audit a
 WHERE a.dead_letter_id = $1 AND a.kind = 'item' AND a.outcome IN ('replayed', 'discarded')
 ORDER BY a.at DESC LIMIT 1
