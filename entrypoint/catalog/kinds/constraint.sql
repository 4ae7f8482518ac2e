WITH constraint_definition AS MATERIALIZED (
    SELECT
        coalesce(t.relname, y.typname) AS relname,
        CASE WHEN c.contypid <> 0 THEN 'DOMAIN' ELSE 'TABLE' END AS word,
        format('ALTER %s %I', CASE WHEN c.contypid <> 0 THEN 'DOMAIN' ELSE 'TABLE' END, coalesce(t.relname, y.typname)) AS target,
        c.oid,
        c.conname,
        pg_get_constraintdef(c.oid, true) AS definition,
        c.convalidated,
        c.coninhcount > 0 AND NOT c.conislocal AS inherited,
        (
            SELECT array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
        ) AS columns,
        (SELECT relname::text FROM pg_class WHERE oid = c.confrelid) AS referenced,
        -- DISABLE TRIGGER ALL switches a foreign key off and leaves it "validated".
        NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = c.oid AND tgenabled <> 'O') AS enforced
    FROM schema
    JOIN pg_constraint AS c ON schema.oid = c.connamespace
    LEFT JOIN base_table AS t ON c.conrelid = t.oid
    LEFT JOIN pg_type AS y
        ON c.contypid = y.oid
        AND y.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
    WHERE c.contype IN ('p', 'u', 'c', 'f', 'x')
        AND (t.oid IS NOT NULL OR y.oid IS NOT NULL)
        -- A foreign key to a partitioned table has one more for each partition there.
        AND (c.conparentid = 0 OR c.conrelid <> (SELECT conrelid FROM pg_constraint WHERE oid = c.conparentid))
)
SELECT 'constraint', format('%s.%s', c.relname, c.conname), c.relname,
    json_build_object(
        'definition', regexp_replace(c.definition, ' NOT VALID$', ''),
        'validated', CASE WHEN c.convalidated THEN 'VALIDATED' END,
        'enforced', CASE WHEN c.enforced THEN 'ENFORCED' END,
        'inherited', CASE WHEN c.inherited THEN 'INHERITED' END
    ),
    json_build_object(
        'create', CASE WHEN NOT c.inherited THEN format('%s ADD CONSTRAINT %I %s', c.target, c.conname, c.definition) END,
        'drop', format('%s DROP CONSTRAINT %I', c.target, c.conname),
        'replace',
        CASE
            WHEN c.word = 'TABLE' AND NOT c.inherited
                THEN format(
                    '%s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', c.target, c.conname, c.conname, c.definition
                )
        END,
        'validated', format('%s VALIDATE CONSTRAINT %I', c.target, c.conname)
    ),
    c.columns, c.referenced,
    'pg_constraint'::regclass, c.oid, 0,
    format('CONSTRAINT %I ON %s%I', c.conname, CASE c.word WHEN 'DOMAIN' THEN 'DOMAIN ' END, c.relname)
FROM constraint_definition AS c
