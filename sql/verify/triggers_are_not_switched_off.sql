-- No setting of a database or a role switches triggers and foreign keys off.
SELECT
    setting.line::TEXT AS problem,
    coalesce(d.datname, 'every database')::TEXT AS database_name,
    coalesce(r.rolname, 'every role')::TEXT AS role_name
FROM pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting (line)
LEFT JOIN pg_database AS d ON s.setdatabase = d.oid
LEFT JOIN pg_roles AS r ON s.setrole = r.oid
WHERE
    setting.line ~* '^session_replication_role=replica$'
    AND (s.setdatabase = 0 OR d.datname = current_database())
ORDER BY 2, 3;
