SELECT 'view', v.relname, NULL,
    json_build_object(
        'columns', v.columns, 'definition', v.definition, 'options', nullif(v.options, ''),
        'defaults', v.defaults
    ),
    json_build_object(
        'create', format('CREATE OR REPLACE VIEW %I%s AS%s', v.relname, v.options, E'\n' || v.definition),
        'drop', format('DROP VIEW %I', v.relname),
        'defaults', format('ALTER TABLE %I ', v.relname) || v.defaults,
        'privileges', v.privileges
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, v.oid, 0, format('VIEW %I', v.relname)
FROM view AS v
WHERE v.relkind = 'v'
