WITH routine AS MATERIALIZED (
    SELECT
        p.oid,
        format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS name,
        format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS signature,
        CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END AS word,
        pg_get_function_arguments(p.oid) AS arguments,
        pg_get_function_result(p.oid) AS result,
        -- A new function may be executed by everybody; one whose privileges were ever changed keeps them.
        CASE
            WHEN p.proacl IS NOT NULL
                THEN format('REVOKE ALL ON ROUTINE %I(%s) FROM PUBLIC', p.proname, oidvectortypes(p.proargtypes))
                    || coalesce(
                        (
                            SELECT string_agg(
                                format(
                                    '; GRANT EXECUTE ON ROUTINE %I(%s) TO %s%s',
                                    p.proname,
                                    oidvectortypes(p.proargtypes),
                                    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                                    CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
                                ), ''
                            )
                            FROM aclexplode(p.proacl) AS g WHERE g.grantee <> p.proowner
                        ), ''
                    )
        END AS privileges,
        -- pg_get_functiondef always names the schema, directly behind these words.
        CASE
            WHEN p.prokind <> 'a'
                THEN substr(
                    pg_get_functiondef(p.oid),
                    length(
                        format(
                            'CREATE OR REPLACE %s %I.',
                            CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                            schema.nspname
                        )
                    ) + 1
                )
        END AS definition
    FROM pg_proc AS p
    JOIN schema ON p.pronamespace = schema.oid
    WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_proc'::regclass)
)
SELECT 'function', r.name, NULL,
    json_build_object(
        'arguments', r.arguments, 'result', r.result, 'definition', coalesce(r.definition, r.word)
    ),
    CASE
        WHEN r.definition IS NOT NULL
            THEN json_build_object(
                'create', format('CREATE OR REPLACE %s %s', r.word, r.definition),
                'drop', format('DROP %s %s', r.word, r.signature),
                'privileges', r.privileges
            )
        ELSE '{}'
    END,
    NULL::text[], NULL::text,
    'pg_proc'::regclass, r.oid, 0, format('%s %s', r.word, r.signature)
FROM routine AS r
