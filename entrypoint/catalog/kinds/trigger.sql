WITH trigger AS MATERIALIZED (
    SELECT
        t.relname,
        g.oid,
        g.tgname,
        g.tgconstraint,
        -- That of a partition comes with that of its table.
        g.tgparentid <> 0 AS inherited,
        pg_get_triggerdef(g.oid, true) AS definition,
        CASE g.tgenabled
            WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' ELSE 'enabled always'
        END AS enabled,
        CASE g.tgenabled
            WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE'
        END AS enable_words
    FROM relation AS t
    JOIN pg_trigger AS g ON t.oid = g.tgrelid
    LEFT JOIN pg_trigger AS p ON g.tgparentid = p.oid
    -- Up to PostgreSQL 14 the trigger of a partition is marked as internal, like those of foreign keys.
    WHERE NOT coalesce(p.tgisinternal, g.tgisinternal)
)
SELECT 'trigger', format('%s.%s', g.relname, g.tgname), g.relname,
    json_build_object(
        'definition', g.definition, 'enabled', g.enabled, 'inherited', CASE WHEN g.inherited THEN 'INHERITED' END
    ),
    json_build_object(
        'create',
        CASE
            WHEN g.inherited THEN NULL
            WHEN g.tgconstraint = 0 THEN 'CREATE OR REPLACE ' || substr(g.definition, length('CREATE ') + 1)
            ELSE g.definition
        END,
        'drop', CASE WHEN NOT g.inherited THEN format('DROP TRIGGER %I ON %I', g.tgname, g.relname) END,
        'enabled', format('ALTER TABLE %I %s TRIGGER %I', g.relname, g.enable_words, g.tgname)
    ),
    NULL::text[], NULL::text,
    'pg_trigger'::regclass, g.oid, 0, format('TRIGGER %I ON %I', g.tgname, g.relname)
FROM trigger AS g
