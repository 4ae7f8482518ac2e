WITH sequence AS MATERIALIZED (
    SELECT
        t.oid,
        t.relname,
        t.relpersistence,
        s.seqstart,
        s.seqincrement,
        format(
            'AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s',
            format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            CASE WHEN s.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END
        ) AS definition,
        o.relname AS owner_table,
        o.attname AS owner_column
    FROM relation AS t
    JOIN pg_sequence AS s ON t.oid = s.seqrelid
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_class'::regclass AND t.oid = d.objid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype = 'a'
    LEFT JOIN attribute AS o ON d.refobjid = o.attrelid AND d.refobjsubid = o.attnum
    -- The sequence of an identity column (deptype i) belongs to the column's definition.
    WHERE NOT EXISTS (
        SELECT FROM pg_depend AS i
        WHERE i.classid = 'pg_class'::regclass AND i.objid = t.oid AND i.deptype = 'i'
    )
)
SELECT 'sequence', s.relname, s.owner_table,
    json_build_object(
        'definition', s.definition, 'owned_by', 'OWNED BY ' || s.owner_table || '.' || s.owner_column,
        'persistence', CASE s.relpersistence WHEN 'u' THEN 'UNLOGGED' END
    ),
    json_build_object(
        'create',
        format(
            'CREATE %sSEQUENCE %I %s', CASE s.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, s.relname, s.definition
        ),
        'drop', format('DROP SEQUENCE %I', s.relname),
        'persistence',
        format('ALTER SEQUENCE %I SET %s', s.relname, CASE s.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END),
        'definition', format('ALTER SEQUENCE %I %s', s.relname, s.definition),
        'owned_by',
        format('ALTER SEQUENCE %I OWNED BY ', s.relname)
        || coalesce(quote_ident(s.owner_table) || '.' || quote_ident(s.owner_column), 'NONE'),
        -- A sequence made anew continues behind the keys that the table already holds.
        'continue',
        CASE WHEN s.owner_table IS NOT NULL
            THEN format(
                CASE
                    WHEN s.seqincrement > 0
                        THEN 'SELECT setval(%L, greatest(max(%I) + 1, %s), false) FROM %I HAVING count(*) > 0'
                    ELSE 'SELECT setval(%L, least(min(%I) - 1, %s), false) FROM %I HAVING count(*) > 0'
                END,
                quote_ident(s.relname), s.owner_column, s.seqstart, s.owner_table
            )
        END
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, s.oid, 0, format('SEQUENCE %I', s.relname)
FROM sequence AS s
