WITH rule AS MATERIALIZED (
    SELECT
        t.relname,
        w.oid,
        w.rulename,
        rtrim(pg_get_ruledef(w.oid, true), ';') AS definition,
        CASE w.ev_enabled
            WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' ELSE 'enabled always'
        END AS enabled,
        CASE w.ev_enabled
            WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE'
        END AS enable_words
    FROM relation AS t
    JOIN pg_rewrite AS w ON t.oid = w.ev_class AND w.rulename <> '_RETURN'
)
SELECT 'rule', format('%s.%s', w.relname, w.rulename), w.relname,
    json_build_object('definition', w.definition, 'enabled', w.enabled),
    json_build_object(
        'create', 'CREATE OR REPLACE ' || substr(w.definition, length('CREATE ') + 1),
        'drop', format('DROP RULE %I ON %I', w.rulename, w.relname),
        'enabled', format('ALTER TABLE %I %s RULE %I', w.relname, w.enable_words, w.rulename)
    ),
    NULL::text[], NULL::text,
    'pg_rewrite'::regclass, w.oid, 0, format('RULE %I ON %I', w.rulename, w.relname)
FROM rule AS w
