WITH column_list AS MATERIALIZED (
    SELECT
        c.attrelid,
        -- A child has the columns of its parents by itself, and a typed table those of its type.
        string_agg(
            concat_ws(' ', quote_ident(c.attname), c.type, c.identity, c.generated, 'DEFAULT ' || c.default_value, c.not_null),
            ', ' ORDER BY c.attnum
        ) FILTER (WHERE NOT c.inherited) AS columns,
        string_agg(
            concat_ws(
                ' ', quote_ident(c.attname), 'WITH OPTIONS', CASE WHEN NOT c.inherited THEN c.identity END,
                CASE WHEN NOT c.inherited THEN c.generated END, 'DEFAULT ' || c.default_value, c.not_null
            ), ', ' ORDER BY c.attnum
        ) FILTER (
            WHERE coalesce(c.default_value, c.not_null, CASE WHEN NOT c.inherited THEN coalesce(c.identity, c.generated) END)
            IS NOT NULL
        ) AS options,
        string_agg(
            concat_ws(
                ', ', 'ALTER ' || quote_ident(c.attname) || ' SET STORAGE ' || c.storage,
                'ALTER ' || quote_ident(c.attname) || ' SET COMPRESSION ' || c.compression
            ), ', ' ORDER BY c.attnum
        ) FILTER (WHERE coalesce(c.storage, c.compression) IS NOT NULL) AS storage
    FROM column_definition AS c
    GROUP BY c.attrelid
),
parent AS MATERIALIZED (
    SELECT inhrelid, string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) AS names
    FROM pg_inherits
    GROUP BY inhrelid
),
form AS MATERIALIZED (
    SELECT
        t.*,
        c.columns,
        c.options,
        c.storage,
        CASE WHEN t.reloftype <> 0 THEN 'OF ' || format_type(t.reloftype, NULL) END AS of_type,
        CASE WHEN NOT t.relispartition THEN 'INHERITS (' || p.names || ')' END AS parents,
        CASE
            WHEN t.relispartition
                THEN pg_get_expr(t.relpartbound, t.oid)
        END AS bound,
        p.names AS parent_names,
        CASE WHEN t.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(t.oid) END AS partition_key,
        CASE t.relreplident
            WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
            WHEN 'i' THEN 'USING INDEX ' || coalesce(
                (SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = t.oid AND indisreplident), '-'
            )
        END AS identity
    FROM base_table AS t
    LEFT JOIN column_list AS c ON t.oid = c.attrelid
    LEFT JOIN parent AS p ON t.oid = p.inhrelid
)
SELECT 'table', t.relname, NULL,
    json_build_object(
        'definition',
        concat_ws(' ', CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' END, CASE t.relkind WHEN 'f' THEN 'FOREIGN' END, 'TABLE'),
        'of_type', t.of_type, 'parents', t.parents, 'partition', 'PARTITION OF ' || t.parent_names || ' ' || t.bound,
        'partition_key', t.partition_key,
        'replica_identity', 'REPLICA IDENTITY ' || t.identity
    ),
    json_build_object(
        'create',
        CASE
            WHEN t.relkind <> 'f'
                THEN concat_ws(
                    ' ',
                    'CREATE', CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' END, 'TABLE', quote_ident(t.relname),
                    CASE
                        WHEN t.relispartition
                            THEN concat_ws(' ', 'PARTITION OF', t.parent_names, '(' || t.options || ')', t.bound)
                        WHEN t.reloftype <> 0 THEN concat_ws(' ', t.of_type, '(' || t.options || ')')
                        ELSE '(' || coalesce(t.columns, '') || ')'
                    END,
                    t.parents, t.partition_key, 'WITH (' || array_to_string(t.reloptions, ', ') || ')'
                )
        END,
        'drop', format('DROP TABLE %I', t.relname),
        'storage', format('ALTER TABLE ONLY %I ', t.relname) || t.storage,
        'replica_identity',
        format('ALTER TABLE ONLY %I REPLICA IDENTITY ', t.relname) || coalesce(t.identity, 'DEFAULT')
    ),
    NULL::text[], NULL::text,
    'pg_class'::regclass, t.oid, 0,
    format('%sTABLE %I', CASE t.relkind WHEN 'f' THEN 'FOREIGN ' END, t.relname)
FROM form AS t
