SELECT 'row security', t.relname, t.relname,
    json_build_object(
        'definition',
        concat_ws(
            ', ',
            CASE WHEN t.relrowsecurity THEN 'enabled' END, CASE WHEN t.relforcerowsecurity THEN 'forced' END
        )
    ),
    json_build_object(
        'create',
        format(
            'ALTER TABLE %I %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', t.relname,
            CASE WHEN t.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
            CASE WHEN t.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END
        )
    ),
    NULL::text[], NULL::text,
    NULL::regclass, t.oid, 0, NULL::text
FROM base_table AS t
WHERE t.relrowsecurity OR t.relforcerowsecurity
