-- name: dependents
-- What depends on each of the objects given: their system catalogs ($1), oids ($2), columns ($3), kinds ($4) and names
-- ($5). A dependent is given as kind and name if it is one of these objects, else as the server describes it. Left out
-- is what falls with the object, or follows it by itself.
WITH
given AS MATERIALIZED (
    SELECT g.class::regclass::oid AS classid, g.objid, g.objsubid, g.kind, g.name
    FROM unnest($1::text[], $2::oid[], $3::int[], $4::text[], $5::text[]) AS g (class, objid, objsubid, kind, name)
),
target AS MATERIALIZED (
    SELECT * FROM given
    UNION ALL
    -- The type of a relation's rows, and that of their arrays.
    SELECT 'pg_type'::regclass, used.oid, 0, g.kind, g.name
    FROM given AS g
    JOIN pg_type AS y
        ON (g.classid = 'pg_class'::regclass AND g.objsubid = 0 AND g.objid = y.typrelid)
        OR (g.classid = 'pg_type'::regclass AND g.objid = y.oid)
    CROSS JOIN LATERAL unnest(ARRAY[y.oid, y.typarray]) AS used (oid)
    UNION ALL
    -- A foreign key depends on the index of the key that it refers to.
    SELECT 'pg_class'::regclass, c.conindid, 0, g.kind, g.name
    FROM given AS g
    JOIN pg_constraint AS c ON g.objid = c.oid AND c.conindid <> 0 AND c.contype <> 'f'
    WHERE g.classid = 'pg_constraint'::regclass
),
dependent AS MATERIALIZED (
    SELECT
        t.kind,
        t.name,
        CASE WHEN w.rulename = '_RETURN' OR a.oid IS NOT NULL THEN 'pg_class'::regclass ELSE d.classid END AS classid,
        CASE WHEN w.rulename = '_RETURN' THEN w.ev_class ELSE coalesce(a.adrelid, d.objid) END AS objid,
        coalesce(a.adnum, 0) AS objsubid
    FROM target AS t
    JOIN pg_depend AS d ON t.classid = d.refclassid AND t.objid = d.refobjid
    LEFT JOIN pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    LEFT JOIN pg_attrdef AS a ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
    WHERE (t.objsubid = 0 AND d.deptype = 'n')
        OR (
            t.objsubid = d.refobjsubid AND t.objsubid > 0 AND d.deptype IN ('n', 'a')
            AND d.classid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass)
            AND coalesce(a.adnum, 0) <> t.objsubid
        )
)
SELECT DISTINCT
    d.kind,
    d.name,
    g.kind AS dependent_kind,
    g.name AS dependent_name,
    CASE WHEN g.kind IS NULL THEN pg_describe_object(d.classid, d.objid, d.objsubid) END AS description
FROM dependent AS d
LEFT JOIN given AS g ON d.classid = g.classid AND d.objid = g.objid AND d.objsubid = g.objsubid
WHERE (d.kind, d.name) IS DISTINCT FROM (g.kind, g.name)
ORDER BY 1, 2, 3, 4, 5;
