-- name: drop_order
-- The objects of schema $1 that are named in $3 (relations), $4 (functions, written as read_catalog does) or $5 (types),
-- each with how DROP names it and with those among them that depend on it, which go first. What belongs to one of them
-- (its indexes, constraints, triggers, the sequence that a column of it owns) counts as a part of it and falls with it.
WITH RECURSIVE
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $2, true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
),
routine AS MATERIALIZED (
    SELECT p.oid, format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS name
    FROM schema
    JOIN pg_proc AS p ON schema.oid = p.pronamespace
),
named AS MATERIALIZED (
    SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid
    FROM schema
    JOIN pg_class AS c ON schema.oid = c.relnamespace
    WHERE c.relname = ANY($3::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'pg_proc'::regclass, routine.oid FROM routine WHERE routine.name = ANY($4::text[])
    UNION ALL
    SELECT 'pg_type'::regclass, y.oid
    FROM schema
    JOIN pg_type AS y ON schema.oid = y.typnamespace
    LEFT JOIN pg_class AS c ON y.typrelid = c.oid
    WHERE y.typname = ANY($5::text[]) AND y.typcategory <> 'A' AND coalesce(c.relkind = 'c', true)
),
ours AS MATERIALIZED (
    SELECT named.classid, named.objid
    FROM named
    WHERE NOT EXISTS (
        SELECT
        FROM pg_depend AS d
        JOIN named AS owner ON d.refclassid = owner.classid AND d.refobjid = owner.objid
        JOIN pg_class AS c ON d.objid = c.oid AND c.relkind = 'S'
        WHERE d.classid = named.classid AND d.objid = named.objid AND d.deptype IN ('a', 'i')
    )
),
part AS (
    SELECT ours.classid, ours.objid, ours.classid AS root_class, ours.objid AS root FROM ours
    UNION
    SELECT d.classid, d.objid, part.root_class, part.root
    FROM part
    JOIN pg_depend AS d
        ON part.classid = d.refclassid AND part.objid = d.refobjid AND d.deptype IN ('a', 'i', 'P', 'S')
    WHERE NOT EXISTS (SELECT FROM ours WHERE ours.classid = d.classid AND ours.objid = d.objid)
),
dependence AS MATERIALIZED (
    SELECT DISTINCT needed.root_class, needed.root, user_part.root_class AS user_class, user_part.root AS user_root
    FROM pg_depend AS d
    JOIN part AS user_part ON d.classid = user_part.classid AND d.objid = user_part.objid
    JOIN part AS needed ON d.refclassid = needed.classid AND d.refobjid = needed.objid
    WHERE (needed.root_class, needed.root) <> (user_part.root_class, user_part.root)
)
SELECT
    format('%s/%s', ours.classid, ours.objid) AS id,
    identity.type,
    identity.identity,
    ARRAY(
        SELECT format('%s/%s', dependence.user_class, dependence.user_root)
        FROM dependence
        WHERE dependence.root_class = ours.classid AND dependence.root = ours.objid
    ) AS dependents
FROM ours
CROSS JOIN LATERAL pg_identify_object(ours.classid, ours.objid, 0) AS identity
ORDER BY identity.type, identity.identity;
