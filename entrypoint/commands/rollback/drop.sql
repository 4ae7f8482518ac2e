-- name: count_rows
-- Without what inherits from it, which is somebody else's.
SELECT count(*) AS rows FROM ONLY $table;

-- name: table_bytes
-- Indexes and TOAST included; waits behind whoever holds the table exclusively.
SELECT pg_total_relation_size(to_regclass($1)) AS bytes;

-- name: export_snapshot
-- Another session that imports it sees what this statement saw, for as long as this transaction is open.
SELECT pg_export_snapshot() AS snapshot;

-- name: known_settings
SELECT name FROM pg_settings;

-- name: needed_extensions
-- Extensions without which the relations named in $1 could not be created: of their types, defaults and operators.
WITH ours AS (
    SELECT 'pg_class'::regclass AS classid, c.oid AS objid
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[])
),

parts AS (
    SELECT ours.classid, ours.objid FROM ours
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index AS i JOIN ours ON i.indrelid = ours.objid
    UNION ALL
    SELECT 'pg_attrdef'::regclass, a.oid FROM pg_attrdef AS a JOIN ours ON a.adrelid = ours.objid
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint AS k JOIN ours ON k.conrelid = ours.objid
    UNION ALL
    SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger AS t JOIN ours ON t.tgrelid = ours.objid
    UNION ALL
    SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite AS r JOIN ours ON r.ev_class = ours.objid
)

SELECT DISTINCT e.extname::text AS name
FROM parts
JOIN pg_depend AS d ON parts.classid = d.classid AND parts.objid = d.objid
JOIN pg_depend AS m ON d.refclassid = m.classid AND d.refobjid = m.objid AND m.deptype = 'e'
JOIN pg_extension AS e ON m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid
WHERE e.extname <> 'plpgsql'
ORDER BY 1;

-- name: fallen_along
-- What of others DROP TABLE changes or takes along without a word, and no backup of ours brings back.
SELECT
    format('publication %I', p.pubname) AS name,
    format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, string_agg(quote_ident(c.relname), ', ' ORDER BY c.relname))
        AS statement
FROM pg_publication_rel AS r
JOIN pg_publication AS p ON r.prpubid = p.oid
JOIN pg_class AS c ON r.prrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[])
GROUP BY p.pubname
UNION ALL
SELECT format('statistics %I.%I', n.nspname, s.stxname), format('DROP STATISTICS %I.%I', n.nspname, s.stxname)
FROM pg_statistic_ext AS s
JOIN pg_namespace AS n ON s.stxnamespace = n.oid
JOIN pg_class AS c ON s.stxrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[]) AND s.stxnamespace <> c.relnamespace
ORDER BY 1;

-- name: drop_ledger
-- Without CASCADE: what somebody else keeps in that schema, or hangs on it, stops the rollback.
DROP TABLE entrypoint.history;
DROP TABLE entrypoint.migrations;
DROP TABLE entrypoint.stamp;
DROP SCHEMA entrypoint;

-- name: ledger_is_there
SELECT to_regnamespace('entrypoint') IS NOT NULL AS present;
