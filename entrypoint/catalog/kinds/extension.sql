SELECT 'extension', e.extname, NULL,
    json_build_object('definition', 'extension', 'version', 'VERSION ' || e.extversion), '{}'::json,
    NULL::text[], NULL::text,
    'pg_extension'::regclass, e.oid, 0, format('EXTENSION %I', e.extname)
FROM pg_extension AS e
JOIN schema ON e.extnamespace = schema.oid
