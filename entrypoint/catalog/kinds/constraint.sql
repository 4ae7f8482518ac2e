WITH constraint_definition AS MATERIALIZED (
    SELECT
        t.relname,
        c.oid,
        c.conname,
        c.contype,
        regexp_replace(pg_get_constraintdef(c.oid, true), ' NOT VALID$', '') AS definition,
        c.convalidated,
        (
            SELECT array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
        ) AS columns,
        (SELECT relname::text FROM pg_class WHERE oid = c.confrelid) AS referenced,
        -- DISABLE TRIGGER ALL switches a foreign key off and leaves it "validated".
        NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = c.oid AND tgenabled <> 'O') AS enforced
    FROM base_table AS t
    JOIN pg_constraint AS c ON t.oid = c.conrelid
    WHERE c.contype IN ('p', 'u', 'c', 'f', 'x')
)
SELECT 'constraint', format('%s.%s', c.relname, c.conname), c.relname,
    json_build_object(
        'definition', c.definition,
        'validated', CASE WHEN NOT c.convalidated THEN 'NOT VALID' END,
        'enforced', CASE WHEN NOT c.enforced THEN 'NOT ENFORCED (its triggers are disabled)' END
    ),
    json_build_object(
        'create', format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, c.conname, c.definition),
        'drop', format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, c.conname),
        'replace',
        format(
            'ALTER TABLE %I DROP CONSTRAINT %I, ADD CONSTRAINT %I %s',
            c.relname, c.conname, c.conname, c.definition
        ),
        'validated', format('ALTER TABLE %I VALIDATE CONSTRAINT %I', c.relname, c.conname)
    ),
    c.columns, c.referenced,
    'pg_constraint'::regclass, c.oid, 0, format('CONSTRAINT %I ON %I', c.conname, c.relname)
FROM constraint_definition AS c
