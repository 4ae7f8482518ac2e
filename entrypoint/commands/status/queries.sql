-- name: newest_entry
SELECT release, applied_at AS at, service, instance, commit
FROM entrypoint.history
ORDER BY id DESC
LIMIT 1;

-- name: index_usage
-- The counters themselves, without the views of the same name, which join much more.
SELECT
    x.relname::text AS name,
    t.relname::text AS "table",
    pg_stat_get_numscans(x.oid) AS scans,
    i.indisunique OR i.indisexclusion AS enforces
FROM pg_index AS i
JOIN pg_class AS x ON i.indexrelid = x.oid
JOIN pg_class AS t ON i.indrelid = t.oid
WHERE x.relnamespace = 'public'::regnamespace
ORDER BY 3 DESC, x.relname;

-- name: statements_schema
SELECT quote_ident(n.nspname) AS schema
FROM pg_extension AS e
JOIN pg_namespace AS n ON e.extnamespace = n.oid
WHERE e.extname = 'pg_stat_statements';

-- name: slowest_statements
SELECT
    query,
    calls,
    mean_exec_time / 1000 AS mean_seconds,
    total_exec_time / 1000 AS total_seconds
FROM $schema.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY mean_exec_time DESC
LIMIT 10;
