SELECT 'policy', format('%s.%s', t.relname, p.polname), t.relname,
    json_build_object(
        'definition',
        concat_ws(
            ' ',
            CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
            'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
            'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        )
    ),
    '{}',
    NULL::text[], NULL::text,
    'pg_policy'::regclass, p.oid, 0, NULL::text
FROM relation AS t
JOIN pg_policy AS p ON t.oid = p.polrelid
