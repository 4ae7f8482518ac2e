WITH policy AS MATERIALIZED (
    SELECT
        t.relname,
        p.oid,
        p.polname,
        concat_ws(
            ' ',
            CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            'FOR',
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                ELSE 'ALL' END,
            'TO',
            (
                SELECT string_agg(
                    CASE role.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role.oid)) END, ', '
                    ORDER BY pg_get_userbyid(role.oid)
                )
                FROM unnest(p.polroles) AS role (oid)
            ),
            'USING (' || pg_get_expr(p.polqual, p.polrelid, true) || ')',
            'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid, true) || ')'
        ) AS definition
    FROM relation AS t
    JOIN pg_policy AS p ON t.oid = p.polrelid
)
SELECT 'policy', format('%s.%s', p.relname, p.polname), p.relname,
    json_build_object('definition', p.definition),
    json_build_object(
        'create', format('CREATE POLICY %I ON %I AS %s', p.polname, p.relname, p.definition),
        'drop', format('DROP POLICY %I ON %I', p.polname, p.relname)
    ),
    NULL::text[], NULL::text,
    'pg_policy'::regclass, p.oid, 0, format('POLICY %I ON %I', p.polname, p.relname)
FROM policy AS p
