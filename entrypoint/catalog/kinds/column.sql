SELECT 'column', format('%s.%s', c.relname, c.attname), c.relname,
    json_build_object(
        'type', c.type, 'identity', c.identity, 'generated', c.generated, 'default', 'DEFAULT ' || c.default_value,
        'not_null', c.not_null, 'storage', 'STORAGE ' || c.storage, 'compression', 'COMPRESSION ' || c.compression,
        'inherited', CASE WHEN c.inherited THEN 'INHERITED' END
    ),
    CASE
        WHEN c.identity IS NULL
            THEN json_build_object('create', c.creation, 'alter', c.alter_column, 'alter_only', c.alter_only)
        ELSE json_build_object(
            'create', c.creation,
            -- Completed with a facet.
            'alter', c.alter_column,
            'alter_only', c.alter_only,
            'add_identity', c.alter_column || 'ADD ' || c.identity,
            'set_identity', c.alter_column || c.set_identity,
            'drop_identity', c.alter_column || 'DROP IDENTITY',
            'rename_sequence', 'ALTER SEQUENCE ' || quote_ident(c.sequence) || ' RENAME TO ',
            'sequence', quote_ident(c.sequence),
            'continue',
            CASE
                WHEN c.sequence IS NOT NULL
                    THEN format(
                        'SELECT setval(%L, greatest(max(%I) + 1, %s), false) FROM %I HAVING count(*) > 0',
                        quote_ident(c.sequence), c.attname, c.start, c.relname
                    )
            END
        )
    END,
    NULL::text[], NULL::text,
    'pg_class'::regclass, c.attrelid, c.attnum, format('COLUMN %I.%I', c.relname, c.attname)
FROM column_definition AS c
