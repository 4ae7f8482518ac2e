SELECT 'rule', format('%s.%s', t.relname, w.rulename), t.relname,
    json_build_object(
        'definition', pg_get_ruledef(w.oid, true),
        'enabled', CASE WHEN w.ev_enabled = 'O' THEN 'enabled' ELSE 'not enabled' END
    ),
    '{}',
    NULL::text[], NULL::text,
    'pg_rewrite'::regclass, w.oid, 0, NULL::text
FROM relation AS t
JOIN pg_rewrite AS w ON t.oid = w.ev_class
WHERE w.rulename <> '_RETURN'
