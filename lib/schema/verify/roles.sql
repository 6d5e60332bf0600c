-- Verify zero_admin:roles on pg

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_roles
             WHERE rolname IN ('zero_admin_application', 'zero_admin_runner', 'zero_admin_watcher', 'zero_admin_operator')) = 4,
        'a zero_admin role is missing';
END
$$;
