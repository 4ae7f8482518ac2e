SELECT 'storage parameters', format('%s %s', o.word, o.relname), o.relation,
    json_build_object('definition', array_to_string(o.reloptions, ', ')), '{}',
    NULL::text[], NULL::text,
    NULL::regclass, NULL::oid, 0, NULL::text
FROM (
    SELECT 'table' AS word, relname, relname AS relation, reloptions FROM base_table
    UNION ALL
    SELECT 'materialized view', relname, relname, reloptions FROM relation WHERE relkind = 'm'
    UNION ALL
    SELECT 'index', x.relname, t.relname, x.reloptions
    FROM relation AS t
    JOIN pg_index AS i ON t.oid = i.indrelid
    JOIN pg_class AS x ON i.indexrelid = x.oid
) AS o
WHERE o.reloptions IS NOT NULL
