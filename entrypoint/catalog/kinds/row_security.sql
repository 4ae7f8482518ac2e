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
        concat_ws(
            ', ',
            format('ALTER TABLE %I', t.relname)
            || CASE WHEN t.relrowsecurity THEN ' ENABLE ROW LEVEL SECURITY' ELSE ' DISABLE ROW LEVEL SECURITY' END,
            CASE WHEN t.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END
        )
    ),
    NULL::text[], NULL::text,
    NULL::regclass, t.oid, 0, NULL::text
FROM base_table AS t
WHERE t.relrowsecurity OR t.relforcerowsecurity
