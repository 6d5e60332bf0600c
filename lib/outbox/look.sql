-- What there is to do, beside what a claim finds.
-- $1::text[]  types to take (null: all)
-- $2::text[]  types to leave alone
-- $3::bigint  endpoint (null: none)
SELECT suspects, backlog, breaker_open, breaker_reason, probe_in_ms FROM zero_admin.look($1::text[], $2::text[], $3::bigint)
