-- The changes of the schema zero_admin, in the order of their deployment.
SELECT c.change FROM unnest(zero_admin.schema_changes()) WITH ORDINALITY AS c(change, nth) ORDER BY c.nth
