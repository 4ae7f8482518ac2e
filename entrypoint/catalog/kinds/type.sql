SELECT 'type', y.typname, NULL,
    json_build_object(
        'definition',
        CASE y.typtype
            WHEN 'e' THEN (
                SELECT format('ENUM (%s)', string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder))
                FROM pg_enum WHERE enumtypid = y.oid
            )
            WHEN 'd' THEN concat_ws(
                ' ', 'DOMAIN', format_type(y.typbasetype, y.typtypmod), 'DEFAULT ' || y.typdefault,
                CASE WHEN y.typnotnull THEN 'NOT NULL' END,
                (
                    SELECT string_agg(pg_get_constraintdef(oid, true), ' ' ORDER BY conname)
                    FROM pg_constraint WHERE contypid = y.oid AND contype = 'c'
                )
            )
            ELSE 'RANGE'
        END
    ),
    '{}',
    NULL::text[], NULL::text,
    'pg_type'::regclass, y.oid, 0, format('%s %I', CASE y.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, y.typname)
FROM pg_type AS y
JOIN schema ON y.typnamespace = schema.oid
WHERE y.typtype IN ('e', 'd', 'r')
    AND y.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
