WITH sequence AS MATERIALIZED (
    SELECT
        t.oid,
        t.relname,
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
    json_build_object('definition', s.definition, 'owned_by', 'OWNED BY ' || s.owner_table || '.' || s.owner_column),
    json_build_object(
        'create', format('CREATE SEQUENCE %I %s', s.relname, s.definition),
        'definition', format('ALTER SEQUENCE %I %s', s.relname, s.definition),
        'owned_by',
        format('ALTER SEQUENCE %I OWNED BY ', s.relname)
        || coalesce(quote_ident(s.owner_table) || '.' || quote_ident(s.owner_column), 'NONE'),
        -- A sequence made anew continues behind the keys that the table already holds.
        'continue',
        CASE WHEN s.owner_table IS NOT NULL
            THEN format(
                'SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %I), false)',
                quote_ident(s.relname), s.owner_column, s.owner_table
            )
        END
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, s.oid, 0, format('SEQUENCE %I', s.relname)
FROM sequence AS s
