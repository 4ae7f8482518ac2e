-- name: held_grants
-- What role $2, and PUBLIC with it, may do with schema $1, the ledger and the database, as raw catalog columns: nothing
-- deparsed. What other roles hold is nobody's business here, nor what reaches $2 through them; but that it belongs to
-- an owner, or has an attribute by which it may do more than was granted, is. Whoever asks limits
-- the relations and functions, or replaces both limits by nothing.
SELECT a.classid, a.objid, a.subid, g.privilege_type AS privilege, g.is_grantable AS grantable, g.grantee = 0 AS public
FROM (
    SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS subid, c.relacl AS acl
    FROM pg_class AS c
    JOIN pg_namespace AS n ON c.relnamespace = n.oid
    WHERE (n.nspname = $1$relations) OR n.nspname = 'entrypoint'
    UNION ALL
    SELECT 'pg_class'::regclass::oid, t.attrelid, t.attnum, t.attacl
    FROM pg_attribute AS t
    JOIN pg_class AS c ON t.attrelid = c.oid
    JOIN pg_namespace AS n ON c.relnamespace = n.oid
    WHERE ((n.nspname = $1$relations) OR n.nspname = 'entrypoint') AND t.attacl IS NOT NULL AND NOT t.attisdropped
    UNION ALL
    -- What everybody may do with a routine or a database of which nothing was ever granted.
    SELECT 'pg_proc'::regclass::oid, p.oid, 0, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON p.pronamespace = n.oid
    WHERE n.nspname = $1$functions
    UNION ALL
    SELECT 'pg_namespace'::regclass::oid, n.oid, 0, n.nspacl FROM pg_namespace AS n WHERE n.nspname IN ($1, 'entrypoint')
    UNION ALL
    SELECT 'pg_database'::regclass::oid, d.oid, 0, coalesce(d.datacl, acldefault('d', d.datdba))
    FROM pg_database AS d WHERE d.datname = current_database()
) AS a
CROSS JOIN LATERAL aclexplode(a.acl) AS g
WHERE g.grantee = 0 OR g.grantee = (SELECT oid FROM pg_roles WHERE rolname = $2)
UNION ALL
SELECT 'pg_authid'::regclass::oid, r.oid, 0, attribute.name, false, false
FROM pg_roles AS r
CROSS JOIN LATERAL (
    VALUES
    ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb),
    ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)
) AS attribute (name, held)
WHERE r.rolname = $2 AND attribute.held
UNION ALL
SELECT 'pg_authid'::regclass::oid, o.oid, 0, 'MEMBERSHIP', false, false
FROM pg_roles AS r
JOIN pg_roles AS o
    ON o.rolname IN ('pg_read_all_data', 'pg_write_all_data')
    OR o.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
    OR o.oid IN (
        SELECT c.relowner FROM pg_class AS c
        JOIN pg_namespace AS n ON c.relnamespace = n.oid
        WHERE n.nspname IN ($1, 'entrypoint')
    )
WHERE r.rolname = $2 AND r.oid <> o.oid AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')

-- name: grants_in_fingerprint
-- One more part of the fingerprint: the role $2 itself, and everything that it holds.
UNION ALL
SELECT
    'grant', $2 || coalesce(string_agg(
        concat_ws('|', h.classid, h.objid, h.subid, h.privilege, h.grantable, h.public),
        E'\n' ORDER BY h.classid, h.objid, h.subid, h.privilege, h.grantable, h.public), '')
FROM (
$held_grants
) AS h

-- name: read_grants
-- The same by name, a row for each privilege. Whatever sql/ says, nobody needs what has no target, or a target in the
-- ledger. Left out is what everybody may do by default, and reading the ledger: whoever waits or verifies does that.
-- Functions are written as read_catalog does and in the same way; $3 stands behind the schema in the path.
WITH path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $3, true) AS value
)
SELECT
    CASE
        WHEN c.oid IS NOT NULL
            THEN format(
                '%s %s%s',
                CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
                CASE WHEN n.nspname = 'entrypoint' THEN 'entrypoint.' END,
                c.relname
            )
        WHEN p.oid IS NOT NULL THEN format('function %s(%s)', p.proname, oidvectortypes(p.proargtypes))
        WHEN n.oid IS NOT NULL THEN format('schema %s', n.nspname)
        WHEN h.classid = 'pg_database'::regclass THEN format('database %s', current_database())
    END AS target,
    CASE WHEN n.nspname = $1 THEN c.relname::text END AS relation,
    CASE
        WHEN r.oid IS NULL
            THEN concat_ws(
                ' ', h.privilege, CASE WHEN option.given THEN 'WITH GRANT OPTION' END, '(' || quote_ident(a.attname) || ')'
            )
        WHEN h.privilege = 'MEMBERSHIP' THEN format('membership in %I', r.rolname)
        ELSE format('attribute %s', h.privilege)
    END AS privilege,
    CASE WHEN h.public THEN 'PUBLIC' ELSE quote_ident($2) END AS grantee,
    coalesce(n.nspname = 'entrypoint', false) OR r.oid IS NOT NULL AS needless
FROM path
JOIN (
$held_grants
) AS h ON path.value <> ''
CROSS JOIN LATERAL unnest(CASE WHEN h.grantable THEN ARRAY[false, true] ELSE ARRAY[false] END) AS option (given)
LEFT JOIN pg_class AS c ON h.classid = 'pg_class'::regclass AND h.objid = c.oid
LEFT JOIN pg_attribute AS a ON c.oid = a.attrelid AND h.subid = a.attnum AND h.subid > 0
LEFT JOIN pg_proc AS p ON h.classid = 'pg_proc'::regclass AND h.objid = p.oid
LEFT JOIN pg_namespace AS n
    ON n.oid = CASE WHEN h.classid = 'pg_namespace'::regclass THEN h.objid ELSE c.relnamespace END
LEFT JOIN pg_roles AS r ON h.classid = 'pg_authid'::regclass AND h.objid = r.oid
WHERE (h.classid = 'pg_database'::regclass AND h.privilege = 'TEMPORARY') IS NOT TRUE
    AND (n.nspname = 'entrypoint' AND h.privilege IN ('SELECT', 'USAGE')) IS NOT TRUE
ORDER BY 1, 3, 4;

-- name: needed_grants
-- What an API in role $1 needs of the objects whose kinds are $2 and names $3, of the schema and of the database: the
-- target, the privileges, and the statement that grants them. Functions run with the rights of their caller.
WITH
need (kind, word, privileges) AS (
    VALUES
    ('table', 'TABLE', 'SELECT, INSERT, UPDATE, DELETE'),
    ('view', 'TABLE', 'SELECT'),
    ('materialized view', 'TABLE', 'SELECT'),
    ('sequence', 'SEQUENCE', 'SELECT, USAGE'),
    ('function', 'ROUTINE', 'EXECUTE'),
    ('schema', 'SCHEMA', 'USAGE'),
    ('database', 'DATABASE', 'CONNECT')
),
object (kind, name) AS (
    SELECT * FROM unnest($2::text[], $3::text[])
    UNION ALL
    VALUES ('schema', 'public'), ('database', current_database()::text)
)
SELECT
    o.kind AS of_kind,
    o.name AS of_name,
    n.privileges,
    format(
        'GRANT %s ON %s %s TO %I', n.privileges, n.word,
        -- The name of a function holds the types of its arguments, which need no quotes.
        CASE
            WHEN o.kind = 'function' THEN quote_ident(split_part(o.name, '(', 1)) || substr(o.name, strpos(o.name, '('))
            ELSE quote_ident(o.name)
        END,
        $1::text
    ) AS statement
FROM object AS o
JOIN need AS n ON o.kind = n.kind;

-- name: api_role
-- Whether role $1 exists, and what it owns: the database, its schemas, or what is named $2 in public.
SELECT
    quote_ident($1) AS role,
    r.oid IS NOT NULL AS present,
    array(
        SELECT format('database %I', datname) FROM pg_database WHERE datname = current_database() AND datdba = r.oid
        UNION ALL
        SELECT format('schema %I', nspname) FROM pg_namespace WHERE nspname IN ('public', 'entrypoint') AND nspowner = r.oid
        UNION ALL
        SELECT format('%I', relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            AND relname = ANY($2::text[]) AND relowner = r.oid
        UNION ALL
        SELECT format('%I()', proname) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname = ANY($2::text[]) AND proowner = r.oid
    )::text[] AS owned
FROM (SELECT) AS always
LEFT JOIN pg_roles AS r ON r.rolname = $1;

-- name: grantable
-- Whether the current role may hand on what an API needs of the schema and of the database.
SELECT
    has_schema_privilege('public', 'USAGE WITH GRANT OPTION') AS schema,
    has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION') AS database;

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
