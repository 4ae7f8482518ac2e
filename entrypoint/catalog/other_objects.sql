-- name: other_objects
-- What depends on schema $1 or on something in it and is of no kind that is compared, or is in another schema, with what
-- stands in no schema and acts on all of them. `harmful` says that it changes how an object behaves whose name is in $2.
-- One row for each kind, `compared` or not: how many there are, and the names of those that are harmful, of those that may
-- be among the known ones, of kinds $3 and names $4, and of the first $5 of all. What is `compared` belongs to others.
-- Left out is what belongs to an extension, is a part of another object, lasts no longer than a session, or was made by
-- the server itself, which numbers nothing of a user's below 16384.
-- Run it behind a savepoint that is rolled back, which restores the search_path.
WITH RECURSIVE
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || ', pg_temp', true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
),
wanted AS MATERIALIZED (
    SELECT DISTINCT form.name::name AS name
    FROM unnest($2::text[]) AS expected (name)
    CROSS JOIN LATERAL (VALUES (expected.name), (split_part(expected.name, '(', 1))) AS form (name)
),
-- What has a name only within its holder, which is named instead: a rule counts as its view.
part (classid, objid, holder_class, holder) AS MATERIALIZED (
    SELECT 'pg_rewrite'::regclass::oid, oid, 'pg_class'::regclass::oid, ev_class FROM pg_rewrite WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_attrdef'::regclass, oid, 'pg_class'::regclass, adrelid FROM pg_attrdef
    UNION ALL
    SELECT 'pg_trigger'::regclass, oid, 'pg_class'::regclass, tgrelid FROM pg_trigger
    UNION ALL
    SELECT 'pg_policy'::regclass, oid, 'pg_class'::regclass, polrelid FROM pg_policy
    UNION ALL
    SELECT 'pg_constraint'::regclass, oid, 'pg_class'::regclass, conrelid FROM pg_constraint WHERE conrelid <> 0
    UNION ALL
    SELECT 'pg_constraint'::regclass, oid, 'pg_type'::regclass, contypid FROM pg_constraint WHERE contypid <> 0
    UNION ALL
    SELECT 'pg_class'::regclass, indexrelid, 'pg_class'::regclass, indrelid FROM pg_index WHERE indexrelid >= 16384
    UNION ALL
    SELECT 'pg_amop'::regclass, oid, 'pg_opfamily'::regclass, amopfamily FROM pg_amop WHERE amopfamily >= 16384
    UNION ALL
    SELECT 'pg_amproc'::regclass, oid, 'pg_opfamily'::regclass, amprocfamily FROM pg_amproc WHERE amprocfamily >= 16384
    UNION ALL
    SELECT classid, objid, refclassid, refobjid
    FROM pg_depend WHERE refclassid = 'pg_publication'::regclass AND deptype = 'a'
),
reached (classid, objid) AS (
    SELECT 'pg_namespace'::regclass::oid, oid FROM schema
    UNION
    SELECT coalesce(p.holder_class, d.classid), coalesce(p.holder, d.objid)
    FROM reached AS r
    JOIN pg_depend AS d ON r.classid = d.refclassid AND r.objid = d.refobjid
    LEFT JOIN part AS p ON d.classid = p.classid AND d.objid = p.objid
    -- Through what is internal the walk goes on: a cast may depend on the row type of a table.
    WHERE d.deptype <> 'e'
),
-- What no walk finds, because it depends on nothing in the schema.
found (classid, objid) AS MATERIALIZED (
    SELECT classid, objid FROM reached
    UNION
    SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
    UNION
    SELECT 'pg_publication'::regclass, oid FROM pg_publication WHERE puballtables
    UNION
    SELECT 'pg_default_acl'::regclass, oid FROM pg_default_acl WHERE defaclnamespace = 0
    UNION
    SELECT 'pg_cast'::regclass, oid FROM pg_cast WHERE oid >= 16384
    UNION
    SELECT needed.classid, needed.objid
    FROM reached AS r
    JOIN pg_foreign_table AS f ON r.classid = 'pg_class'::regclass AND r.objid = f.ftrelid
    JOIN pg_foreign_server AS s ON f.ftserver = s.oid
    CROSS JOIN LATERAL (
        SELECT 'pg_foreign_server'::regclass, s.oid
        UNION ALL
        SELECT 'pg_foreign_data_wrapper'::regclass, s.srvfdw
        UNION ALL
        SELECT d.classid, d.objid
        FROM pg_depend AS d
        WHERE d.refclassid = 'pg_foreign_server'::regclass AND d.refobjid = s.oid AND d.classid = 'pg_user_mapping'::regclass
    ) AS needed (classid, objid)
),
-- Of each kind that is compared, what is compared.
compared (classid, objid) AS MATERIALIZED (
    SELECT 'pg_class'::regclass::oid, oid FROM pg_class WHERE relnamespace = (SELECT oid FROM schema)
    UNION ALL
    SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = (SELECT oid FROM schema)
    UNION ALL
    SELECT 'pg_type'::regclass, oid FROM pg_type
    WHERE typnamespace = (SELECT oid FROM schema) AND typtype IN ('c', 'd', 'e', 'm', 'r')
    UNION ALL
    SELECT 'pg_extension'::regclass, oid FROM pg_extension
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid FROM schema
),
unowned AS MATERIALIZED (
    SELECT f.classid, f.objid, o.type, o.schema, o.identity
    FROM found AS f
    CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) AS o
    WHERE NOT EXISTS (SELECT FROM compared AS c WHERE f.classid = c.classid AND f.objid = c.objid)
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE f.classid = d.classid AND f.objid = d.objid AND d.objsubid = 0 AND d.deptype IN ('e', 'i')
        )
        AND f.objid >= 16384
),
-- A type that ours use, or could: the server's own, or one whose name is ours.
used_type AS MATERIALIZED (
    SELECT y.oid
    FROM pg_type AS y
    LEFT JOIN wanted AS w ON y.typname = w.name
    WHERE y.typnamespace = 'pg_catalog'::regnamespace OR (y.typnamespace = (SELECT oid FROM schema) AND w.name IS NOT NULL)
),
harmful (classid, objid) AS MATERIALIZED (
    SELECT 'pg_cast'::regclass::oid, oid
    FROM pg_cast
    WHERE castcontext <> 'e'
        AND castsource IN (SELECT oid FROM used_type) AND casttarget IN (SELECT oid FROM used_type)
    UNION ALL
    SELECT 'pg_opclass'::regclass, oid
    FROM pg_opclass WHERE opcdefault AND opcintype IN (SELECT oid FROM used_type)
    UNION ALL
    SELECT 'pg_class'::regclass, i.inhrelid
    FROM pg_inherits AS i
    JOIN pg_class AS p ON i.inhparent = p.oid AND p.relnamespace = (SELECT oid FROM schema)
    JOIN wanted AS w ON p.relname = w.name
    UNION ALL
    -- A published table whose rows nothing identifies refuses every UPDATE and DELETE.
    SELECT 'pg_publication'::regclass, p.oid
    FROM pg_publication AS p
    CROSS JOIN wanted AS w
    JOIN pg_class AS c ON w.name = c.relname AND c.relnamespace = (SELECT oid FROM schema) AND c.relkind IN ('r', 'p')
    WHERE (p.pubupdate OR p.pubdelete)
        AND (
            p.puballtables
            -- The view of published tables would wait for whoever has locked one; older servers publish no schemas.
            OR EXISTS (
                SELECT FROM pg_depend AS d
                JOIN pg_depend AS what ON d.classid = what.classid AND d.objid = what.objid
                WHERE d.refclassid = 'pg_publication'::regclass AND d.refobjid = p.oid AND d.deptype = 'a'
                    AND (
                        (what.refclassid = 'pg_class'::regclass AND what.refobjid = c.oid)
                        OR (what.refclassid = 'pg_namespace'::regclass AND what.refobjid = c.relnamespace)
                    )
            )
        )
        AND (
            c.relreplident = 'n'
            OR (c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary))
        )
),
-- A sequence of a column is a part of its table, and so is one that came with an identity.
member (classid, objid) AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend
    WHERE deptype = 'e' OR (deptype IN ('a', 'i') AND refobjsubid > 0) OR (deptype = 'i' AND classid = 'pg_proc'::regclass)
),
of_others (kind, name, arguments) AS MATERIALIZED (
    SELECT
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
        c.relname, NULL::oidvector
    FROM pg_class AS c
    WHERE c.relnamespace = (SELECT oid FROM schema) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND c.relname NOT IN (SELECT name FROM wanted)
        AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_class'::regclass AND c.oid = m.objid)
        AND NOT EXISTS (SELECT FROM harmful AS h WHERE h.classid = 'pg_class'::regclass AND c.oid = h.objid)
    UNION ALL
    SELECT 'function', p.proname, p.proargtypes
    FROM pg_proc AS p
    WHERE p.pronamespace = (SELECT oid FROM schema) AND p.proname NOT IN (SELECT name FROM wanted)
        AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_proc'::regclass AND p.oid = m.objid)
    UNION ALL
    SELECT 'type', y.typname, NULL
    FROM pg_type AS y
    LEFT JOIN pg_class AS c ON y.typrelid = c.oid
    WHERE y.typnamespace = (SELECT oid FROM schema) AND y.typname NOT IN (SELECT name FROM wanted)
        AND (y.typtype IN ('d', 'e', 'r') OR c.relkind = 'c')
        AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_type'::regclass AND y.oid = m.objid)
),
listed (kind, name, arguments, compared, harmful) AS MATERIALIZED (
    SELECT kind, name::text, arguments, true, false FROM of_others
    UNION ALL
    SELECT
        CASE u.type WHEN 'default acl' THEN 'default privileges' WHEN 'statistics object' THEN 'statistics' ELSE u.type END,
        -- The schema goes without saying, as in the names of what is compared.
        CASE
            WHEN u.schema = $1 AND starts_with(u.identity, quote_ident($1) || '.')
                THEN substr(u.identity, length(quote_ident($1)) + 2)
            ELSE u.identity
        END,
        NULL, false, EXISTS (SELECT FROM harmful AS h WHERE u.classid = h.classid AND u.objid = h.objid)
    FROM unowned AS u
    WHERE u.schema IS NULL OR u.schema !~ '^(pg_temp|pg_toast|entrypoint$)'
    UNION ALL
    -- Never the value: it may be a secret.
    SELECT
        'setting',
        format(
            '%s of %s%s', split_part(setting.pair, '=', 1),
            CASE s.setrole WHEN 0 THEN 'every role' ELSE format('role %I', pg_get_userbyid(s.setrole)) END,
            CASE WHEN s.setdatabase <> 0 THEN ' in this database' END
        ),
        NULL, false, false
    FROM pg_db_role_setting AS s
    CROSS JOIN LATERAL unnest(s.setconfig) AS setting (pair)
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
),
-- One of each kind first, so that many of one kind do not hide the others.
ranked AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY kind, compared ORDER BY name, arguments::text) AS rank
    FROM listed
),
numbered AS MATERIALIZED (
    SELECT
        *,
        row_number() OVER (ORDER BY rank, compared, kind) <= $5
        OR harmful
        OR (kind, name) IN (SELECT known.kind, split_part(known.name, '(', 1) FROM unnest($3::text[], $4::text[]) AS known (kind, name))
        OR (kind, name) IN (SELECT known.kind, known.name FROM unnest($3::text[], $4::text[]) AS known (kind, name)) AS named
    FROM ranked
)
SELECT
    kind,
    compared,
    count(*) AS total,
    array_agg(
        CASE WHEN arguments IS NULL THEN name ELSE format('%s(%s)', name, oidvectortypes(arguments)) END
        ORDER BY name, arguments::text
    ) FILTER (WHERE named AND NOT harmful) AS named,
    array_agg(name ORDER BY name) FILTER (WHERE harmful) AS harmful
FROM numbered
GROUP BY kind, compared
ORDER BY kind, compared;
