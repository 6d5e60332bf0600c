-- Revert zero_admin:operations from pg

BEGIN;

SELECT zero_admin.change_reverted('operations');
DROP TABLE zero_admin.ops_audit, zero_admin.delivery_breakers, zero_admin.runner_heartbeats;

COMMIT;
