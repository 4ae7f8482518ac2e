WITH index_definition AS MATERIALIZED (
    SELECT
        t.relname,
        i.indexrelid,
        x.relname AS index_name,
        -- Only a unique index limits what its columns may hold, those in its expressions included.
        CASE WHEN i.indisunique THEN (
            SELECT array_agg(DISTINCT a.attname::text)
            FROM pg_depend AS d
            JOIN pg_attribute AS a ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
            WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
        ) END AS columns,
        i.indisvalid AND i.indisready AND i.indislive AS valid,
        -- That of a partition comes with that of its table, and is written with ONLY there.
        x.relispartition AS inherited,
        CASE
            WHEN x.relkind = 'I' AND i.indisvalid
                THEN overlay(
                    pg_get_indexdef(i.indexrelid, 0, true) PLACING ''
                    FROM length(format('CREATE %sINDEX %I ON ', CASE WHEN i.indisunique THEN 'UNIQUE ' END, x.relname)) + 1
                    FOR length('ONLY ')
                )
            ELSE pg_get_indexdef(i.indexrelid, 0, true)
        END AS definition
    FROM relation AS t
    JOIN pg_index AS i ON t.oid = i.indrelid
    JOIN pg_class AS x ON i.indexrelid = x.oid
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x')
    )
)
SELECT 'index', i.index_name, i.relname,
    json_build_object(
        'definition', regexp_replace(i.definition, ' WITH \([^()]*\)', ''),
        'valid', CASE WHEN i.valid THEN 'VALID' END,
        'inherited', CASE WHEN i.inherited THEN 'INHERITED' END
    ),
    json_build_object(
        'create', CASE WHEN NOT i.inherited THEN i.definition END,
        'drop', CASE WHEN NOT i.inherited THEN format('DROP INDEX %I', i.index_name) END
    ),
    i.columns, NULL::text,
    'pg_class'::regclass, i.indexrelid, 0, format('INDEX %I', i.index_name)
FROM index_definition AS i
