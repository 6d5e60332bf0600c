-- Tells that the loop goes round, and notes how the fleet is, once a minute. Skipped when another copy that shares the row is just doing it.
-- One plan: each row is found by its key. Otherwise the statements that go with it would be planned anew, once a second.
-- $1::uuid     the runner's row
-- $2::int      passes since the last time
-- $3::boolean  the last pass completed work or found none
-- $4::bigint   backlog
-- $5::text     state
UPDATE zero_admin.runner_heartbeats r
   SET loop_at = now(), loops = r.loops + $2, last_success_at = CASE WHEN $3 THEN now() ELSE r.last_success_at END, backlog = $4, state = $5
  FROM (SELECT h.id FROM zero_admin.runner_heartbeats h WHERE h.id = $1 FOR UPDATE SKIP LOCKED) mine
 WHERE r.id = mine.id
RETURNING zero_admin.note_history()
