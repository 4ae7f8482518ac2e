SELECT 'materialized view', v.relname, NULL,
    json_build_object('columns', v.columns, 'definition', v.definition),
    json_build_object(
        'create',
        format(
            'CREATE MATERIALIZED VIEW %I%s AS%s WITH NO DATA', v.relname, v.options, E'\n' || v.definition || E'\n'
        ),
        'drop', format('DROP MATERIALIZED VIEW %I', v.relname),
        -- One that is made anew has rows again if the old one had.
        'populate', CASE WHEN v.relispopulated THEN format('REFRESH MATERIALIZED VIEW %I', v.relname) END,
        'privileges', v.privileges
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, v.oid, 0, format('MATERIALIZED VIEW %I', v.relname)
FROM view AS v
WHERE v.relkind = 'm'
