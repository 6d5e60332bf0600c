-- Removes what the status page no longer plots.
DELETE FROM zero_admin.ops_history h WHERE h.minute < now() - interval '7 days'
