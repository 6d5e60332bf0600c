-- Revert zero_admin:horizon from pg

BEGIN;

SELECT zero_admin.change_reverted('horizon');
DROP FUNCTION zero_admin.horizon_age_s();

COMMIT;
