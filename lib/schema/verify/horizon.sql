-- Verify zero_admin:horizon on pg

SELECT zero_admin.horizon_age_s();
