-- name: prune_history
-- Keeps the last $1 entries, and the newest of every set of files, major version of the server and method of reading,
-- from which the expected rows are read.
DELETE FROM entrypoint.history
WHERE id NOT IN (SELECT h.id FROM entrypoint.history AS h ORDER BY h.id DESC LIMIT $1)
    AND id NOT IN (
        SELECT max(h.id)
        FROM entrypoint.history AS h
        GROUP BY h.digest, h.server_version / 10000, h.method
    );

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

-- name: read_expected
-- The rows recorded for files of digest $1 by a server of the same major version as $2, read by method $3.
SELECT expected::text
FROM entrypoint.history
WHERE digest = $1 AND server_version / 10000 = $2 / 10000 AND method = $3
ORDER BY id DESC
LIMIT 1;

-- name: read_owned
-- What the newest start proved to be there, whichever release, server or way of reading it had.
SELECT expected::text
FROM entrypoint.history
ORDER BY id DESC
LIMIT 1;

-- name: record_stamp
INSERT INTO entrypoint.stamp (environment) VALUES ($1) ON CONFLICT (singleton) DO NOTHING;

-- name: change_stamp
UPDATE entrypoint.stamp SET environment = $1, stamped_at = clock_timestamp();

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
