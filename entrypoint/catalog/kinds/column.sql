SELECT 'column', format('%s.%s', c.relname, c.attname), c.relname,
    json_build_object(
        'type', c.type, 'identity', c.identity, 'generated', c.generated,
        'default', 'DEFAULT ' || c.default_value, 'not_null', c.not_null
    ),
    json_build_object(
        'create', format('ALTER TABLE %I ADD COLUMN %s', c.relname, c.clause),
        'default',
        format('ALTER TABLE %I ALTER COLUMN %I ', c.relname, c.attname)
        || coalesce('SET DEFAULT ' || c.default_value, 'DROP DEFAULT'),
        'not_null',
        format('ALTER TABLE %I ALTER COLUMN %I ', c.relname, c.attname)
        || CASE WHEN c.not_null IS NULL THEN 'DROP NOT NULL' ELSE 'SET NOT NULL' END
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, c.attrelid, c.attnum, format('COLUMN %I.%I', c.relname, c.attname)
FROM column_definition AS c
