-- name: fingerprint
-- One md5 over the raw catalog of schema $1: everything that defines an object whose name is given or that hangs on one,
-- and of all other relations, routines and types no more than that they are there. Node trees and ids only, nothing
-- deparsed: it takes no lock on a user relation, waits for nobody and depends on no setting.
-- Grants are a part of it only where there is a role to look after; its name is then put behind the last part.
WITH
schema AS MATERIALIZED (
    SELECT oid FROM pg_namespace WHERE nspname = $1
),
-- A function's recorded name carries the types of its arguments; any overload of it counts.
wanted AS MATERIALIZED (
    SELECT DISTINCT form.name::name AS name
    FROM unnest($names) AS recorded (name)
    CROSS JOIN LATERAL (VALUES (recorded.name), (split_part(recorded.name, '(', 1))) AS form (name)
    WHERE form.name <> ''
),
named AS MATERIALIZED (
    SELECT c.oid FROM wanted JOIN pg_class AS c ON wanted.name = c.relname AND c.relnamespace = (SELECT oid FROM schema)
),
-- What inherits from ours answers their queries, whichever schema it is in.
holder AS MATERIALIZED (
    SELECT oid FROM named
    UNION
    SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = ANY(ARRAY(SELECT oid FROM named))
),
-- As arrays, because a filter costs the server less than a join, in planning and in reading.
ours (relations, functions, types) AS MATERIALIZED (
    SELECT
        ARRAY(
            SELECT oid FROM holder
            UNION
            SELECT indexrelid FROM pg_index WHERE indrelid = ANY(ARRAY(SELECT oid FROM holder))
            UNION
            SELECT d.objid FROM pg_depend AS d
            WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY(ARRAY(SELECT oid FROM holder))
                AND d.refobjsubid > 0 AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        ),
        ARRAY(
            SELECT p.oid FROM wanted JOIN pg_proc AS p ON wanted.name = p.proname AND p.pronamespace = (SELECT oid FROM schema)
        ),
        ARRAY(
            SELECT y.oid FROM wanted JOIN pg_type AS y ON wanted.name = y.typname AND y.typnamespace = (SELECT oid FROM schema)
        )
),
described (constraints, other) AS MATERIALIZED (
    SELECT
        ARRAY(
            SELECT oid FROM pg_constraint WHERE conrelid = ANY(relations)
            UNION ALL
            SELECT oid FROM pg_constraint WHERE contypid = ANY(types)
        ),
        ARRAY(
            SELECT oid FROM pg_trigger WHERE tgrelid = ANY(relations)
            UNION ALL
            SELECT oid FROM pg_rewrite WHERE ev_class = ANY(relations)
            UNION ALL
            SELECT oid FROM pg_policy WHERE polrelid = ANY(relations)
            UNION ALL
            SELECT oid FROM pg_extension
        )
    FROM ours
),
part (name, content) AS (
    SELECT 'relation', string_agg(
        ROW(
            c.oid, c.relname, c.relnamespace, c.relkind, c.relpersistence, c.reloptions, c.relam, c.relrowsecurity,
            c.relforcerowsecurity, c.relreplident, c.reloftype, c.relispartition, c.relpartbound, c.relowner)::text,
        E'\n' ORDER BY c.oid)
    FROM pg_class AS c WHERE c.oid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'attribute', string_agg(
        ROW(
            a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,
            a.attcollation, a.attstorage, a.attcompression, d.adbin)::text,
        E'\n' ORDER BY a.attrelid, a.attnum)
    FROM pg_attribute AS a
    LEFT JOIN pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE a.attrelid = ANY((SELECT relations FROM ours)::oid[]) AND a.attnum > 0
    UNION ALL
    SELECT 'constraint', string_agg(c::text, E'\n' ORDER BY c.oid)
    FROM pg_constraint AS c WHERE c.oid = ANY((SELECT constraints FROM described)::oid[])
    UNION ALL
    -- CLUSTER and REINDEX set or clear these two marks, which define nothing.
    SELECT 'index', string_agg((to_jsonb(i) - 'indisclustered' - 'indcheckxmin')::text, E'\n' ORDER BY i.indexrelid)
    FROM pg_index AS i WHERE i.indrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'partitioned', string_agg(p::text, E'\n' ORDER BY p.partrelid)
    FROM pg_partitioned_table AS p WHERE p.partrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'sequence', string_agg(s::text, E'\n' ORDER BY s.seqrelid)
    FROM pg_sequence AS s WHERE s.seqrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'ownership', string_agg(
        ROW(d.objid, d.refobjid, d.refobjsubid, d.deptype)::text, E'\n' ORDER BY d.objid, d.refobjid, d.refobjsubid)
    FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = ANY((SELECT relations FROM ours)::oid[])
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    UNION ALL
    SELECT 'function', string_agg((to_jsonb(p) - 'proacl')::text, E'\n' ORDER BY p.oid)
    FROM pg_proc AS p WHERE p.oid = ANY((SELECT functions FROM ours)::oid[])
    UNION ALL
    SELECT 'aggregate', string_agg(to_jsonb(a)::text, E'\n' ORDER BY a.aggfnoid)
    FROM pg_aggregate AS a WHERE a.aggfnoid::oid = ANY((SELECT functions FROM ours)::oid[])
    UNION ALL
    -- The text of bytea depends on a setting, unless it is encoded by name.
    -- Without its oid: a trigger that somebody drops and creates at each of its starts is the same one.
    SELECT 'trigger', string_agg(
        ROW(
            t.tgrelid, t.tgname, t.tgparentid, t.tgfoid, t.tgtype, t.tgenabled, t.tgisinternal, t.tgconstrrelid,
            t.tgconstrindid, t.tgconstraint, t.tgdeferrable, t.tginitdeferred, t.tgattr, encode(t.tgargs, 'hex'),
            t.tgqual, t.tgoldtable, t.tgnewtable)::text,
        E'\n' ORDER BY t.tgrelid, t.tgname)
    FROM pg_trigger AS t WHERE t.tgrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'rule', string_agg(w::text, E'\n' ORDER BY w.oid)
    FROM pg_rewrite AS w WHERE w.ev_class = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    -- The name of a role is a part of a policy's definition, and may change under the same oid.
    SELECT 'policy', string_agg(
        ROW(p.*, ARRAY(SELECT pg_get_userbyid(role) FROM unnest(p.polroles) AS role))::text, E'\n' ORDER BY p.oid)
    FROM pg_policy AS p WHERE p.polrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'inheritance', string_agg(
        ROW(i.inhrelid, i.inhparent, i.inhseqno, i.inhdetachpending)::text, E'\n' ORDER BY i.inhrelid, i.inhparent)
    FROM pg_inherits AS i WHERE i.inhrelid = ANY((SELECT relations FROM ours)::oid[])
    UNION ALL
    SELECT 'type', string_agg(
        ROW(
            y.oid, y.typname, y.typtype, y.typbasetype, y.typtypmod, y.typnotnull, y.typcollation, y.typdefault,
            y.typdefaultbin, y.typowner)::text,
        E'\n' ORDER BY y.oid)
    FROM pg_type AS y WHERE y.oid = ANY((SELECT types FROM ours)::oid[])
    UNION ALL
    SELECT 'enum', string_agg(ROW(e.enumtypid, e.enumlabel)::text, E'\n' ORDER BY e.enumtypid, e.enumsortorder)
    FROM pg_enum AS e WHERE e.enumtypid = ANY((SELECT types FROM ours)::oid[])
    UNION ALL
    SELECT 'range', string_agg(r::text, E'\n' ORDER BY r.rngtypid)
    FROM pg_range AS r WHERE r.rngtypid = ANY((SELECT types FROM ours)::oid[])
    UNION ALL
    SELECT 'extension', string_agg(ROW(x.oid, x.extname, x.extnamespace)::text, E'\n' ORDER BY x.oid)
    FROM pg_extension AS x
    WHERE x.extnamespace = (SELECT oid FROM schema) OR x.extname IN (SELECT name FROM wanted)
    UNION ALL
    SELECT 'comment', string_agg(
        ROW(d.classoid, d.objoid, d.objsubid, d.description)::text, E'\n' ORDER BY d.classoid, d.objoid, d.objsubid)
    FROM pg_description AS d
    WHERE d.objoid = ANY((SELECT relations || functions || types || constraints || other FROM ours CROSS JOIN described)::oid[])
    UNION ALL
    -- A sum that needs no order: sorting what belongs to others would cost more than all the rest.
    SELECT 'relations there', concat_ws('|', count(*), bit_xor(hashoidextended(oid, 0)))
    FROM pg_class WHERE relnamespace = (SELECT oid FROM schema) AND relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT 'routines there', concat_ws('|', count(*), bit_xor(hashoidextended(oid, 0)))
    FROM pg_proc WHERE pronamespace = (SELECT oid FROM schema)
    UNION ALL
    -- The types of rows, arrays and multiranges come and go with what they are made of.
    SELECT 'types there', concat_ws('|', count(*), bit_xor(hashoidextended(oid, 0)))
    FROM pg_type
    WHERE typnamespace = (SELECT oid FROM schema) AND typtype NOT IN ('c', 'm')
        AND typsubscript <> 'pg_catalog.array_subscript_handler'::regproc
    $grants
)
SELECT md5(string_agg(concat_ws(':', name, md5(coalesce(content, ''))), ',' ORDER BY name)) AS fingerprint FROM part;
