WITH own_default AS MATERIALIZED (
    SELECT
        v.oid,
        string_agg(format('%I DEFAULT %s', a.attname, pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum) AS list,
        string_agg(
            format('ALTER VIEW %I ALTER COLUMN %I SET DEFAULT %s', v.relname, a.attname, pg_get_expr(d.adbin, d.adrelid)),
            '; ' ORDER BY a.attnum
        ) AS statements,
        string_agg(format('ALTER VIEW %I ALTER COLUMN %I DROP DEFAULT', v.relname, a.attname), '; ' ORDER BY a.attnum)
            AS removal
    FROM view AS v
    JOIN pg_attrdef AS d ON v.oid = d.adrelid
    JOIN pg_attribute AS a ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    GROUP BY v.oid
)
SELECT 'view', v.relname, NULL,
    json_build_object(
        'columns', v.columns, 'definition', v.definition, 'options', nullif(v.options, ''), 'defaults', d.list
    ),
    json_build_object(
        'create', format('CREATE OR REPLACE VIEW %I%s AS%s', v.relname, v.options, E'\n' || v.definition),
        'drop', format('DROP VIEW %I', v.relname),
        'defaults', d.statements,
        'drop_defaults', d.removal,
        'privileges', v.privileges
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, v.oid, 0, format('VIEW %I', v.relname)
FROM view AS v
LEFT JOIN own_default AS d ON v.oid = d.oid
WHERE v.relkind = 'v'
