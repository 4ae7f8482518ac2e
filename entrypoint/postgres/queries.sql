-- name: set_local
-- Settings for the current transaction only, as two arrays of names and values.
SELECT set_config(setting.name, setting.value, true)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- name: server
-- Who answered, in one round trip; a backend pid that differs from the protocol's betrays a pooler.
SELECT
    current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS version_text,
    pg_backend_pid() AS pid,
    current_database()::text AS database,
    current_user::text AS role;

-- name: writable
-- A standby grants advisory locks too, so this is asked in the transaction that is going to write.
SELECT pg_is_in_recovery() AS in_recovery, current_setting('transaction_read_only')::bool AS read_only;

-- name: try_lock
SELECT pg_try_advisory_xact_lock($1::bigint) AS obtained;

-- name: lock_holder
-- Never the query text: it may hold user data.
SELECT
    a.pid,
    coalesce(a.application_name, '') AS application,
    coalesce(a.state, '') AS state,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age_seconds
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint;

-- name: table_holders
-- Who was in the way: sessions that hold relation $1 of public, or any when it is NULL, in one of the modes $2, in a
-- transaction clearly older than $3 seconds; whoever came later queued behind us, also when its transaction began a
-- moment before. The age of other roles' is hidden from us.
SELECT
    c.relname::text AS relation,
    array_agg(l.mode) AS modes,
    a.pid,
    coalesce(a.application_name, '') AS application,
    coalesce(a.state, '') AS state,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age_seconds
FROM pg_locks AS l
JOIN pg_class AS c ON l.relation = c.oid
JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
    AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    AND c.relname = coalesce($1, c.relname) AND l.mode = ANY($2::text[])
    AND coalesce(clock_timestamp() - a.xact_start >= make_interval(secs => $3 + 0.05), true)
GROUP BY c.relname, a.pid, a.application_name, a.state, a.xact_start
ORDER BY a.xact_start NULLS LAST, c.relname
LIMIT 10;

-- name: privileges
-- What an apply needs, before it is missed half way.
SELECT
    has_database_privilege(current_database(), 'CREATE') AS create_in_database,
    has_schema_privilege('public', 'CREATE') AS create_in_public,
    quote_ident(current_database()) AS database,
    quote_ident(current_user) AS role;

-- name: relations
-- The tables and views of public.
SELECT relname::text AS relation
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v');

-- name: lock_report
-- The strongest lock this transaction holds on each table of public.
SELECT c.relname::text AS relation, l.mode
FROM pg_locks AS l
JOIN pg_class AS c ON l.relation = c.oid
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
    AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v');

-- name: set_session
-- Settings for the rest of the session, as two arrays of names and values.
SELECT set_config(setting.name, setting.value, false)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- name: database_totals
-- Bytes on disk, which is asked of the file system, and since when the server counts; neither locks a relation.
SELECT pg_database_size(current_database()) AS bytes, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database();

-- name: table_sizes
-- What the last VACUUM or ANALYZE noted: pg_total_relation_size would wait for an ALTER TABLE.
SELECT
    c.relname::text AS name,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows,
    (c.relpages + coalesce(t.relpages, 0)) * block.size AS table_bytes,
    coalesce(x.pages, 0) * block.size AS index_bytes
FROM pg_class AS c
CROSS JOIN (SELECT current_setting('block_size')::bigint AS size) AS block
LEFT JOIN pg_class AS t ON c.reltoastrelid = t.oid
LEFT JOIN (
    SELECT i.indrelid, sum(ic.relpages)::bigint AS pages
    FROM pg_index AS i
    JOIN pg_class AS ic ON i.indexrelid = ic.oid
    GROUP BY i.indrelid
) AS x ON c.oid = x.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
ORDER BY c.relpages + coalesce(t.relpages, 0) + coalesce(x.pages, 0) DESC, c.relname;
