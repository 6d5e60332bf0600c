-- The revisions in the application's alembic_version, as text of XML; null when there is no such table.
-- The table is not ours and may be missing, so its name is looked up when the statement runs, not when it is prepared.
SELECT CASE WHEN t.found IS NOT NULL THEN query_to_xml(format('SELECT version_num FROM %s ORDER BY 1', t.found), false, false, '')::text END AS heads
  FROM (SELECT coalesce(to_regclass('alembic_version'), to_regclass('public.alembic_version'), to_regclass('zero_admin.alembic_version')) AS found) t
