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

-- name: foreign_owners
-- Relations and functions of schema $1 named in $3 or $4 that the current role may not alter; functions are written as
-- read_catalog does and in the same way, since one with other arguments is another function.
WITH
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $2, true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
)
SELECT 'table' AS kind, c.relname::text AS name, quote_ident(pg_get_userbyid(c.relowner)) AS owner,
    quote_ident(current_user) AS role
FROM schema
JOIN pg_class AS c ON schema.oid = c.relnamespace
WHERE c.relname = ANY($3::text[]) AND c.relkind IN ('r', 'p', 'v', 'S') AND NOT pg_has_role(c.relowner, 'USAGE')
UNION ALL
SELECT 'function', r.name, quote_ident(pg_get_userbyid(r.owner)), quote_ident(current_user)
FROM (
    SELECT p.proname::text AS name, p.proowner AS owner,
        -- OFFSET keeps the server from writing it before it has set the path.
        format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS signature
    FROM schema
    JOIN pg_proc AS p ON schema.oid = p.pronamespace
    OFFSET 0
) AS r
WHERE r.signature = ANY($4::text[]) AND NOT pg_has_role(r.owner, 'USAGE')
ORDER BY 1, 2;

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

-- name: relations
-- The tables and views of public.
SELECT relname::text AS relation
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v');

-- name: has_tables
-- Whether anybody made a table in public; those of extensions do not count.
SELECT EXISTS (
    SELECT FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
) AS present;

-- name: lock_report
-- The strongest lock this transaction holds on each table of public.
SELECT c.relname::text AS relation, l.mode
FROM pg_locks AS l
JOIN pg_class AS c ON l.relation = c.oid
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
    AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v');

-- name: built_indexes
SELECT x.relname::text AS name, i.indisvalid AND i.indisready AND i.indislive AS valid
FROM pg_index AS i
JOIN pg_class AS x ON i.indexrelid = x.oid
WHERE x.relnamespace = 'public'::regnamespace AND x.relname = ANY($1::text[])
ORDER BY x.relname;

-- name: assigned_transaction
-- NULL when the transaction wrote nothing, so that asking does not make it write.
SELECT pg_current_xact_id_if_assigned()::text;

-- name: transaction_status
-- committed, aborted, in progress, or NULL when it is too old to be known.
SELECT pg_xact_status($1::text::xid8);

-- name: set_session
-- Settings for the rest of the session, as two arrays of names and values.
SELECT set_config(setting.name, setting.value, false)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- name: ledger_access
-- No row where there is no ledger. Asked by its oid: a look at what is forbidden would end the transaction.
SELECT
    has_schema_privilege(n.oid, 'USAGE') AND bool_and(has_table_privilege(c.oid, 'SELECT')) AS readable,
    count(*) = 3 AS whole,
    quote_ident(pg_get_userbyid(n.nspowner)) AS owner,
    quote_ident(current_user) AS role
FROM pg_namespace AS n
JOIN pg_class AS c ON n.oid = c.relnamespace AND c.relname IN ('history', 'stamp', 'migrations')
WHERE n.nspname = 'entrypoint'
GROUP BY n.oid, n.nspowner;

-- name: read_ledger
SELECT
    h.release,
    h.digest,
    h.server_version,
    h.method,
    h.fingerprint,
    h.verification::text AS verification,
    coalesce(s.environment, h.environment) AS environment,
    coalesce(
        (
            SELECT json_agg(
                json_build_object('number', number, 'name', name, 'checksum', checksum, 'outcome', outcome) ORDER BY number
            )
            FROM entrypoint.migrations
        ), '[]'
    )::text AS migrations,
    -- Hardly any database has another schema, and without one the server's settings are not listed.
    CASE
        WHEN EXISTS (
            SELECT FROM pg_namespace
            WHERE nspname NOT IN ('public', 'entrypoint', 'information_schema') AND NOT starts_with(nspname, 'pg_')
        )
            THEN array(
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_settings AS s
                CROSS JOIN LATERAL regexp_split_to_table(s.reset_val, ',') AS part (name)
                JOIN pg_namespace AS n
                    ON n.nspname = CASE btrim(part.name, ' "') WHEN '$user' THEN current_user ELSE btrim(part.name, ' "') END
                JOIN pg_class AS c ON n.oid = c.relnamespace
                WHERE s.name = 'search_path' AND n.nspname <> 'public' AND NOT starts_with(n.nspname, 'pg_')
                    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND h.expected @> jsonb_build_array(jsonb_build_array('table', c.relname))
                ORDER BY 1
            )
    END::text[] AS shadows
-- The newest row alone first: the join would read the verification of every row.
FROM (SELECT * FROM entrypoint.history ORDER BY id DESC LIMIT 1) AS h
FULL JOIN entrypoint.stamp AS s ON true;

-- name: recorded_names
-- The names of what the newest row was recorded for, as one array, without what belongs to a table or a view.
SELECT array_agg(object ->> 1)
FROM jsonb_array_elements((SELECT expected FROM entrypoint.history ORDER BY id DESC LIMIT 1)) AS object
WHERE object ->> 2 IS NULL;

-- name: standing
-- Ledger and live fingerprint in one question, which fails where there is no whole ledger.
-- It also says who else may create in public, where nobody but its owners should, and which tables of ours are there
-- again in a schema in which sessions of this role look, too: whatever has its path may read the other ones.
SELECT live.fingerprint AS live, ledger.*,
    array(
        SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
        FROM pg_namespace AS n
        CROSS JOIN LATERAL aclexplode(n.nspacl) AS g
        WHERE n.nspname = 'public' AND g.privilege_type = 'CREATE' AND g.grantee <> n.nspowner
            AND g.grantee NOT IN (
                SELECT oid FROM pg_roles WHERE rolsuper OR rolname IN (current_user, 'pg_database_owner')
                UNION ALL
                SELECT datdba FROM pg_database WHERE datname = current_database()
                UNION ALL
                SELECT nspowner FROM pg_namespace WHERE nspname = 'entrypoint'
            )
        ORDER BY 1
    )::text[] AS creators
FROM (
    SELECT (
$fingerprint
    ) AS fingerprint
) AS live
LEFT JOIN (
$read_ledger
) AS ledger ON true;

-- name: read_expected
-- The rows recorded for files of digest $1 by a server of the same major version as $2, read by method $3.
SELECT expected::text
FROM entrypoint.history
WHERE digest = $1 AND server_version / 10000 = $2 / 10000 AND method = $3
ORDER BY id DESC
LIMIT 1;

-- name: record_history
INSERT INTO entrypoint.history (
    release, digest, files, server_version, seconds, service, instance, commit, environment, steps, expected,
    verification, fingerprint, method
)
VALUES (
    $1, $2, $3::text::jsonb, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11::text::jsonb, $12::text::jsonb, $13, $14
);

-- name: record_migration
INSERT INTO entrypoint.migrations (number, name, checksum, outcome, release, seconds)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (number) DO UPDATE
SET outcome = excluded.outcome, release = excluded.release, applied_at = clock_timestamp(), seconds = excluded.seconds;

-- name: record_stamp
INSERT INTO entrypoint.stamp (environment) VALUES ($1) ON CONFLICT (singleton) DO NOTHING;

-- name: violations
-- One more than is shown tells that there are more.
SELECT * FROM (
$check
) AS violation
LIMIT 21;

-- name: newest_entry
SELECT release, applied_at AS at, service, instance, commit
FROM entrypoint.history
ORDER BY id DESC
LIMIT 1;

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
