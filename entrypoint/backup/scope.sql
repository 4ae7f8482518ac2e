-- name: routines_by_name
-- The routines of schema $1 under the names by which read_catalog calls them, in the same way.
WITH
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $2, true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
)
SELECT p.oid, format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS name
FROM schema
JOIN pg_proc AS p ON schema.oid = p.pronamespace;

-- name: routine_tags
-- What pg_dump calls the routines $1: in the header of their definition, and in those of their comment and
-- privileges: with the name of every schema but pg_catalog, so it must be in no search_path.
SELECT
    format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS name,
    format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS signature
FROM pg_proc AS p
WHERE p.oid = any($1::oid[]);

-- name: foreign_relations
-- What pg_dump must not even lock: every relation of public but those named in $1 and the sequences that their
-- columns own. Extensions' members are excluded by name as well, which does no harm.
SELECT c.relname::text AS name
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
    AND NOT c.relname = any($1::text[])
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        JOIN pg_class AS t ON d.refobjid = t.oid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
            AND d.refclassid = 'pg_class'::regclass AND t.relname = any($1::text[])
            AND t.relnamespace = c.relnamespace AND c.relkind = 'S'
    )
ORDER BY 1;

-- name: statistics_of
-- The extended statistics on the relations named in $1; older pg_dump writes those of excluded tables as well.
SELECT s.stxname::text AS name
FROM pg_statistic_ext AS s
JOIN pg_class AS c ON s.stxrelid = c.oid
WHERE s.stxnamespace = 'public'::regnamespace AND c.relname = any($1::text[]) AND c.relnamespace = s.stxnamespace;
