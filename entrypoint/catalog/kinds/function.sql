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
            WHEN p.prokind = 'a' THEN format('%I(%s) (%s)', p.proname, pg_get_function_arguments(p.oid), aggregate.clauses)
            ELSE substr(
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
    LEFT JOIN LATERAL (
        SELECT concat_ws(
            ', ',
            'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, NULL),
            'SSPACE = ' || nullif(a.aggtransspace, 0), 'FINALFUNC = ' || nullif(a.aggfinalfn, 0)::regproc,
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            CASE
                WHEN a.aggfinalfn <> 0
                    THEN 'FINALFUNC_MODIFY = '
                        || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
            END,
            'COMBINEFUNC = ' || nullif(a.aggcombinefn, 0)::regproc, 'SERIALFUNC = ' || nullif(a.aggserialfn, 0)::regproc,
            'DESERIALFUNC = ' || nullif(a.aggdeserialfn, 0)::regproc, 'INITCOND = ' || quote_literal(a.agginitval),
            'MSFUNC = ' || nullif(a.aggmtransfn, 0)::regproc, 'MINVFUNC = ' || nullif(a.aggminvtransfn, 0)::regproc,
            'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'MSSPACE = ' || nullif(a.aggmtransspace, 0),
            'MFINALFUNC = ' || nullif(a.aggmfinalfn, 0)::regproc, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            CASE
                WHEN a.aggmfinalfn <> 0
                    THEN 'MFINALFUNC_MODIFY = '
                        || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
            END,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            'SORTOP = OPERATOR(' || nullif(a.aggsortop, 0)::regoper || ')',
            'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END,
            CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END
        ) AS clauses
        FROM pg_aggregate AS a WHERE a.aggfnoid = p.oid
    ) AS aggregate ON p.prokind = 'a'
    WHERE p.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_proc'::regclass)
)
SELECT 'function', r.name, NULL,
    json_build_object('arguments', r.arguments, 'result', r.result, 'definition', r.definition),
    json_build_object(
        'create', format('CREATE OR REPLACE %s %s', r.word, r.definition),
        'drop', format('DROP %s %s', r.word, r.signature),
        'privileges', r.privileges
    ),
    NULL::text[], NULL::text,
    'pg_proc'::regclass, r.oid, 0, format('%s %s', r.word, r.signature)
FROM routine AS r
