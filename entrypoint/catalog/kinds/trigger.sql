WITH trigger AS MATERIALIZED (
    SELECT
        t.relname,
        g.oid,
        g.tgname,
        g.tgconstraint,
        pg_get_triggerdef(g.oid, true) AS definition,
        CASE g.tgenabled
            WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' ELSE 'enabled always'
        END AS enabled,
        CASE g.tgenabled
            WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE'
        END AS enable_words
    FROM relation AS t
    JOIN pg_trigger AS g ON t.oid = g.tgrelid
    WHERE NOT g.tgisinternal AND g.tgparentid = 0
)
SELECT 'trigger', format('%s.%s', g.relname, g.tgname), g.relname,
    json_build_object('definition', g.definition, 'enabled', g.enabled),
    json_build_object(
        'create',
        CASE
            WHEN g.tgconstraint = 0 THEN 'CREATE OR REPLACE ' || substr(g.definition, length('CREATE ') + 1)
            ELSE g.definition
        END,
        'drop', format('DROP TRIGGER %I ON %I', g.tgname, g.relname),
        'enabled', format('ALTER TABLE %I %s TRIGGER %I', g.relname, g.enable_words, g.tgname)
    ),
    NULL::text[], NULL::text,
    'pg_trigger'::regclass, g.oid, 0, format('TRIGGER %I ON %I', g.tgname, g.relname)
FROM trigger AS g
