WITH owned AS MATERIALIZED (
    SELECT
        s.*,
        format(
            'AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s',
            format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            CASE WHEN s.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END
        ) AS definition,
        o.relname AS table_name,
        o.attname AS column_name
    FROM sequence AS s
    LEFT JOIN attribute AS o ON s.owner = o.attrelid AND s.owner_column = o.attnum
    -- The sequence of an identity column belongs to the column's definition.
    WHERE s.deptype IS DISTINCT FROM 'i'
)
SELECT 'sequence', s.relname, s.table_name,
    json_build_object(
        'definition', s.definition, 'owned_by', 'OWNED BY ' || s.table_name || '.' || s.column_name,
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
        || coalesce(quote_ident(s.table_name) || '.' || quote_ident(s.column_name), 'NONE'),
        -- A sequence made anew continues behind the keys that the table already holds.
        'continue',
        CASE WHEN s.table_name IS NOT NULL
            THEN format(
                CASE
                    WHEN s.seqincrement > 0
                        THEN 'SELECT setval(%L, greatest(max(%I) + 1, %s), false) FROM %I HAVING count(*) > 0'
                    ELSE 'SELECT setval(%L, least(min(%I) - 1, %s), false) FROM %I HAVING count(*) > 0'
                END,
                quote_ident(s.relname), s.column_name, s.seqstart, s.table_name
            )
        END
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, s.oid, 0, format('SEQUENCE %I', s.relname)
FROM owned AS s
