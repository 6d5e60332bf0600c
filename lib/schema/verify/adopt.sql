-- Verify zero_admin:adopt on pg

DO $$
BEGIN
    ASSERT 'adopt' = ANY (zero_admin.schema_changes()), 'the tables of the original application were not looked for';
END
$$;
