-- name: escaped_locks
-- Relations outside the scratch schema ($1) that the scratch build locked: its files named a schema.
SELECT DISTINCT n.nspname::text AS schema, c.relname::text AS relation
FROM pg_locks AS l
JOIN pg_class AS c ON l.relation = c.oid
JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND n.nspname NOT IN ($1, 'pg_catalog', 'pg_toast', 'information_schema', 'entrypoint')
ORDER BY 1, 2;
