-- name: foreign_dependencies
-- What in schema $1 depends on a routine, an operator, a cast, a type or the like that is neither the server's own nor
-- a member of an extension; both under the names by which read_catalog calls them, and read in the same way. Of ours is
-- what the files say, which the caller knows. Composite types are not compared: those of an owner of ours are ours.
WITH
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $2, true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
),
relation AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relowner FROM schema JOIN pg_class AS c ON schema.oid = c.relnamespace
),
part (classid, objid, kind, name, facet) AS MATERIALIZED (
    SELECT
        'pg_attrdef'::regclass, d.oid, 'column', format('%s.%s', r.relname, a.attname),
        CASE a.attgenerated WHEN '' THEN 'default' ELSE 'generated' END
    FROM relation AS r
    JOIN pg_attrdef AS d ON r.oid = d.adrelid
    JOIN pg_attribute AS a ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT 'pg_constraint'::regclass, c.oid, 'constraint', format('%s.%s', r.relname, c.conname), 'definition'
    FROM relation AS r
    JOIN pg_constraint AS c ON r.oid = c.conrelid
    UNION ALL
    SELECT
        'pg_class'::regclass, i.indexrelid, CASE WHEN c.oid IS NULL THEN 'index' ELSE 'constraint' END,
        CASE WHEN c.oid IS NULL THEN x.relname ELSE format('%s.%s', r.relname, c.conname) END, 'definition'
    FROM relation AS r
    JOIN pg_index AS i ON r.oid = i.indrelid
    JOIN pg_class AS x ON i.indexrelid = x.oid
    LEFT JOIN pg_constraint AS c ON x.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
    UNION ALL
    SELECT
        'pg_rewrite'::regclass, w.oid,
        CASE WHEN w.rulename <> '_RETURN' THEN 'rule' WHEN r.relkind = 'm' THEN 'materialized view' ELSE 'view' END,
        CASE WHEN w.rulename <> '_RETURN' THEN format('%s.%s', r.relname, w.rulename) ELSE r.relname END, 'definition'
    FROM relation AS r
    JOIN pg_rewrite AS w ON r.oid = w.ev_class
    UNION ALL
    SELECT 'pg_trigger'::regclass, g.oid, 'trigger', format('%s.%s', r.relname, g.tgname), 'definition'
    FROM relation AS r
    JOIN pg_trigger AS g ON r.oid = g.tgrelid
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid, 'policy', format('%s.%s', r.relname, p.polname), 'definition'
    FROM relation AS r
    JOIN pg_policy AS p ON r.oid = p.polrelid
    UNION ALL
    SELECT
        'pg_proc'::regclass, p.oid, 'function', format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)), 'definition'
    FROM schema
    JOIN pg_proc AS p ON schema.oid = p.pronamespace
    UNION ALL
    SELECT 'pg_type'::regclass, y.oid, 'type', y.typname, 'definition'
    FROM schema
    JOIN pg_type AS y ON schema.oid = y.typnamespace
    WHERE y.typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT 'pg_constraint'::regclass, c.oid, 'type', y.typname, 'definition'
    FROM schema
    JOIN pg_type AS y ON schema.oid = y.typnamespace
    JOIN pg_constraint AS c ON y.oid = c.contypid
),
-- What the server made itself has no higher number; that leaves few rows.
dependency AS MATERIALIZED (
    SELECT p.kind, p.name, p.facet, d.refclassid, d.refobjid
    FROM part AS p
    JOIN pg_depend AS d ON p.classid = d.classid AND p.objid = d.objid
    WHERE d.refobjid >= 16384
    UNION ALL
    SELECT 'column', format('%s.%s', r.relname, a.attname), 'type', d.refclassid, d.refobjid
    FROM relation AS r
    JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND r.oid = d.objid AND d.refobjid >= 16384
    JOIN pg_attribute AS a ON r.oid = a.attrelid AND d.objsubid = a.attnum
    WHERE r.relkind IN ('r', 'p', 'f')
),
needed AS (
    SELECT
        d.kind, d.name, d.facet, d.refclassid, d.refobjid, schema.oid AS schema_oid,
        coalesce(f.pronamespace, y.typnamespace, o.oprnamespace, c.opcnamespace, m.opfnamespace, l.collnamespace)
            AS namespace,
        coalesce(
            f.proowner, y.typowner, o.oprowner, c.opcowner, m.opfowner, l.collowner,
            (SELECT p.proowner FROM pg_proc AS p WHERE p.oid = t.castfunc),
            (SELECT s.typowner FROM pg_type AS s WHERE s.oid = t.castsource)
        ) AS owner,
        f.oid AS function_oid,
        y.oid AS type_oid,
        y.typname,
        r.relname,
        r.relkind
    FROM dependency AS d
    CROSS JOIN schema
    LEFT JOIN pg_proc AS f ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
    LEFT JOIN pg_type AS a ON d.refclassid = 'pg_type'::regclass AND d.refobjid = a.oid
    -- An array is its elements'.
    LEFT JOIN pg_type AS y ON y.oid = CASE WHEN a.typcategory = 'A' AND a.typelem <> 0 THEN a.typelem ELSE a.oid END
    LEFT JOIN pg_class AS r ON y.typrelid = r.oid
    LEFT JOIN pg_operator AS o ON d.refclassid = 'pg_operator'::regclass AND d.refobjid = o.oid
    LEFT JOIN pg_opclass AS c ON d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
    LEFT JOIN pg_opfamily AS m ON d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = m.oid
    LEFT JOIN pg_collation AS l ON d.refclassid = 'pg_collation'::regclass AND d.refobjid = l.oid
    LEFT JOIN pg_cast AS t ON d.refclassid = 'pg_cast'::regclass AND d.refobjid = t.oid
    WHERE coalesce(f.oid, y.oid, o.oid, c.oid, m.oid, l.oid, t.oid) IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM pg_depend AS e
            WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
        )
)
SELECT DISTINCT
    n.kind,
    n.name,
    n.facet,
    CASE
        WHEN n.namespace <> n.schema_oid THEN NULL
        WHEN n.function_oid IS NOT NULL THEN 'function'
        WHEN n.relkind IN ('r', 'p', 'f') THEN 'table'
        WHEN n.relkind = 'v' THEN 'view'
        WHEN n.type_oid IS NOT NULL THEN 'type'
    END AS needed_kind,
    coalesce(
        (SELECT format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) FROM pg_proc AS p WHERE p.oid = n.function_oid),
        n.relname, n.typname
    )::text AS needed_name,
    format('%s %s', i.type, replace(i.identity, 'pg_catalog.', '')) AS needed,
    quote_ident(pg_get_userbyid(n.owner)) AS owner
FROM needed AS n
CROSS JOIN LATERAL pg_identify_object(n.refclassid, n.refobjid, 0) AS i
WHERE n.namespace IS DISTINCT FROM 'pg_catalog'::regnamespace
    AND NOT (
        coalesce(n.relkind = 'c', false)
        AND (n.owner IN (SELECT relowner FROM relation WHERE relkind IN ('r', 'p')) AND pg_has_role(n.owner, 'USAGE'))
    )
ORDER BY 1, 2, 3, 6;

-- name: namesakes
-- Routines and operators of public that are named like one of pg_catalog, and belong neither to us, who are the current
-- role and whoever owns the ledger, nor to a superuser, nor to an extension; with what removes each, and from whom
-- CREATE has to be taken so that its owner cannot make it again. What depends on one falls with it only where the next
-- start makes it anew: constraints, indexes and defaults.
WITH
trusted AS MATERIALIZED (
    SELECT oid FROM pg_roles WHERE rolsuper OR rolname = current_user
    UNION
    SELECT nspowner FROM pg_namespace WHERE nspname = 'entrypoint'
),
namesake AS (
    SELECT
        2 AS place,
        p.oid AS objid,
        p.proowner AS owner,
        'pg_proc'::regclass AS classid,
        format(
            '%s public.%I(%s)',
            CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
            p.proname,
            CASE
                WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid)
            END
        ) AS target
    FROM pg_proc AS p
    WHERE p.pronamespace = 'public'::regnamespace
        AND p.proname IN (SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace)
    UNION ALL
    SELECT
        1,
        o.oid,
        o.oprowner,
        'pg_operator'::regclass,
        format(
            'OPERATOR public.%s (%s, %s)', o.oprname,
            CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END, format_type(o.oprright, NULL)
        )
    FROM pg_operator AS o
    WHERE o.oprnamespace = 'public'::regnamespace
        AND o.oprname IN (SELECT oprname FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace)
)
SELECT
    n.target,
    quote_ident(pg_get_userbyid(n.owner)) AS owner,
    format('DROP %s%s;', n.target, CASE WHEN dependent.restored THEN ' CASCADE' END) AS statement,
    array(
        SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
        FROM pg_namespace AS s
        CROSS JOIN LATERAL aclexplode(s.nspacl) AS g
        WHERE s.nspname = 'public' AND g.privilege_type = 'CREATE' AND g.grantee <> s.nspowner
            AND (g.grantee = 0 OR pg_has_role(n.owner, g.grantee, 'MEMBER'))
        ORDER BY 1
    )::text[] AS grantees
FROM namesake AS n
CROSS JOIN LATERAL (
    SELECT bool_and(d.classid = 'pg_constraint'::regclass OR x.relkind = 'i' OR a.attgenerated = '') AS restored
    FROM pg_depend AS d
    LEFT JOIN pg_class AS x ON d.classid = 'pg_class'::regclass AND d.objid = x.oid
    LEFT JOIN pg_attrdef AS e ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid
    LEFT JOIN pg_attribute AS a ON e.adrelid = a.attrelid AND e.adnum = a.attnum
    WHERE d.refclassid = n.classid AND d.refobjid = n.objid AND d.deptype IN ('n', 'a')
) AS dependent
WHERE n.owner NOT IN (SELECT oid FROM trusted)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS e WHERE e.classid = n.classid AND e.objid = n.objid AND e.deptype = 'e'
    )
ORDER BY n.place, n.target;
