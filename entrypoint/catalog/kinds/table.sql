SELECT 'table', t.relname, NULL,
    json_build_object(
        'definition',
        concat_ws(
            ' ',
            CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
            CASE t.relkind WHEN 'p' THEN 'PARTITIONED' WHEN 'f' THEN 'FOREIGN' END,
            'TABLE',
            (
                SELECT format('INHERITS (%s)', string_agg(p.relname, ', ' ORDER BY i.inhseqno))
                FROM pg_inherits AS i
                JOIN pg_class AS p ON i.inhparent = p.oid
                WHERE i.inhrelid = t.oid
                HAVING count(*) > 0
            )
        )
    ),
    json_build_object(
        'create',
        format(
            'CREATE %sTABLE %I (%s)%s',
            CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END,
            t.relname,
            (SELECT string_agg(c.clause, ', ' ORDER BY c.attnum) FROM column_definition AS c WHERE c.attrelid = t.oid),
            coalesce(' WITH (' || array_to_string(t.reloptions, ', ') || ')', '')
        )
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, t.oid, 0, format('%sTABLE %I', CASE t.relkind WHEN 'f' THEN 'FOREIGN ' END, t.relname)
FROM base_table AS t
