-- Verify zero_admin:replay on pg

SELECT only_row, run_id, lease_until, host, attempts_total, committed_total FROM zero_admin.replay_state WHERE false;
SELECT 1 / count(*) FROM zero_admin.replay_state;
SELECT 'zero_admin.dead_letters_open'::regclass, 'zero_admin.ops_audit_dead_letter'::regclass;
