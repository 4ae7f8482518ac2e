-- name: read_catalog
-- Every object of one schema ($1), a row each, free of schema names. Names are resolved when the statement is parsed,
-- in pg_catalog alone; the deparsing functions look at search_path when they run, so that its first part sets it to
-- exactly that schema and what $2 adds, and all others depend on it. Run it behind a savepoint that is rolled back.
-- Columns: kind, name, relation (the table, view or domain it belongs to), facets (what is compared, by name),
-- statements (what restores it: create, drop, and one for each facet that can be altered alone), columns (those that a
-- constraint or a unique index limits), references (the other table of a foreign key), position.
WITH
path AS MATERIALIZED (
    SELECT set_config('search_path', quote_ident($1) || $2, true) AS value
),
schema AS MATERIALIZED (
    SELECT n.oid, n.nspname FROM path JOIN pg_namespace AS n ON n.nspname = $1 AND path.value <> ''
),
extension_member AS MATERIALIZED (
    SELECT classid, objid
    FROM pg_depend
    -- The functions that make a range's multiranges belong to the type.
    WHERE deptype = 'e' OR (deptype = 'i' AND classid = 'pg_proc'::regclass)
),
relation AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
        c.relreplident, c.relhassubclass, c.relispartition, c.relpartbound, c.reloftype, c.relispopulated, c.relacl, c.relowner
    FROM pg_class AS c
    JOIN schema ON c.relnamespace = schema.oid
    WHERE (c.oid) NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_class'::regclass)
),
base_table AS MATERIALIZED (
    SELECT * FROM relation WHERE relkind IN ('r', 'p', 'f')
),
-- The sequence of an identity column, with all its options, and with those that are not the usual ones.
identity_sequence AS MATERIALIZED (
    SELECT
        d.refobjid AS owner,
        d.refobjsubid AS owner_column,
        t.relname AS sequence,
        s.seqstart AS start,
        concat(
            ' SET START WITH ' || s.seqstart, ' SET INCREMENT BY ' || s.seqincrement, ' SET MINVALUE ' || s.seqmin,
            ' SET MAXVALUE ' || s.seqmax, ' SET CACHE ' || s.seqcache,
            CASE WHEN s.seqcycle THEN ' SET CYCLE' ELSE ' SET NO CYCLE' END
        ) AS every_option,
        concat(
            ' START WITH ' || nullif(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END),
            ' INCREMENT BY ' || nullif(s.seqincrement, 1),
            ' MINVALUE ' || nullif(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE -width.maximum - 1 END),
            ' MAXVALUE ' || nullif(s.seqmax, CASE WHEN s.seqincrement > 0 THEN width.maximum ELSE -1 END),
            ' CACHE ' || nullif(s.seqcache, 1),
            CASE WHEN s.seqcycle THEN ' CYCLE' END
        ) AS odd_options
    FROM relation AS t
    JOIN pg_sequence AS s ON t.oid = s.seqrelid
    JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND t.oid = d.objid AND d.deptype = 'i'
    CROSS JOIN LATERAL (
        SELECT CASE s.seqtypid
            WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807
        END AS maximum
    ) AS width
),
attribute AS MATERIALIZED (
    SELECT
        t.relname,
        t.relhassubclass,
        a.attrelid,
        a.attnum,
        a.attname,
        format_type(a.atttypid, a.atttypmod)
        || CASE
            WHEN a.attcollation <> y.typcollation
                THEN ' COLLATE ' || a.attcollation::regcollation
            ELSE ''
        END AS type,
        generation.words || ' AS IDENTITY'
        || coalesce(' (SEQUENCE NAME ' || quote_ident(s.sequence) || s.odd_options || ')', '') AS identity,
        'SET ' || generation.words || s.every_option AS set_identity,
        s.sequence,
        s.start,
        CASE
            WHEN a.attgenerated <> ''
                THEN format(
                    'GENERATED ALWAYS AS (%s)%s',
                    pg_get_expr(d.adbin, d.adrelid),
                    CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END
                )
        END AS generated,
        CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default_value,
        CASE
            WHEN NOT a.attnotnull THEN NULL
            -- From PostgreSQL 18 on NOT NULL is a constraint of its own that may be NOT VALID.
            WHEN EXISTS (
                SELECT FROM pg_constraint AS n
                WHERE n.conrelid = a.attrelid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated
            ) THEN 'NOT NULL NOT VALID'
            ELSE 'NOT NULL'
        END AS not_null,
        CASE
            WHEN a.attstorage <> y.typstorage
                THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
        END AS storage,
        CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
        a.attinhcount > 0 AND NOT a.attislocal AS inherited
    FROM base_table AS t
    JOIN pg_attribute AS a ON t.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS y ON a.atttypid = y.oid
    LEFT JOIN pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    LEFT JOIN (VALUES ('a', 'GENERATED ALWAYS'), ('d', 'GENERATED BY DEFAULT')) AS generation (code, words)
        ON a.attidentity = generation.code::"char"
    LEFT JOIN identity_sequence AS s ON a.attidentity <> '' AND a.attrelid = s.owner AND a.attnum = s.owner_column
),
column_definition AS MATERIALIZED (
    SELECT
        *,
        CASE
            WHEN NOT a.inherited
                THEN format(
                    'ALTER TABLE %I ADD COLUMN %s', a.relname,
                    concat_ws(' ', quote_ident(a.attname), a.type, a.identity, a.generated, 'DEFAULT ' || a.default_value, a.not_null)
                )
        END AS creation,
        format('ALTER TABLE %I ALTER COLUMN %I ', a.relname, a.attname) AS alter_column,
        -- A child may have settings of its own, which those of its parent must not change.
        format('ALTER TABLE %s%I ALTER COLUMN %I ', CASE WHEN a.relhassubclass THEN 'ONLY ' END, a.relname, a.attname)
            AS alter_only
    FROM attribute AS a
),
view AS MATERIALIZED (
    SELECT
        t.oid,
        t.relname,
        t.relkind,
        t.relispopulated,
        (
            SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        ) AS columns,
        (
            SELECT string_agg(
                format('ALTER COLUMN %I SET DEFAULT %s', a.attname, pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum
            )
            FROM pg_attrdef AS d
            JOIN pg_attribute AS a ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE d.adrelid = t.oid
        ) AS defaults,
        coalesce(' WITH (' || array_to_string(t.reloptions, ', ') || ')', '') AS options,
        rtrim(pg_get_viewdef(t.oid, true), ';') AS definition,
        -- DROP takes what was granted along, so it is granted again to the new one.
        (
            SELECT string_agg(
                format(
                    'GRANT %s ON %I TO %s%s', g.privilege_type, t.relname,
                    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                    CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
                ), '; '
            )
            FROM aclexplode(t.relacl) AS g WHERE g.grantee <> t.relowner
        ) AS privileges
    FROM relation AS t
    WHERE t.relkind IN ('v', 'm')
),
-- One SELECT for each kind: those of kinds/*.sql, side by side.
object (
    kind, name, relation, facets, statements, columns, "references", classid, objid, objsubid, target
) AS MATERIALIZED (
$objects
),
whole AS (
    SELECT * FROM object
    UNION ALL
$comments
)
SELECT
    kind,
    name,
    relation,
    facets::text AS facets,
    statements::text AS statements,
    columns,
    "references",
    -- In which order the objects were made: one of a later number may need one of an earlier.
    coalesce(objid::bigint * 2048 + objsubid, 0) AS position
FROM whole
ORDER BY kind, relation, name;
