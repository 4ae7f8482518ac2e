SELECT 'materialized view', v.relname, NULL,
    json_build_object('columns', v.columns, 'definition', v.definition, 'options', nullif(v.options, '')),
    '{}',
    NULL::text[], NULL::text,
    'pg_class'::regclass, v.oid, 0, format('MATERIALIZED VIEW %I', v.relname)
FROM view AS v
WHERE v.relkind = 'm'
