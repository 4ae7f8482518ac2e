-- name: every_constraint_is_validated
-- Every constraint was checked against the rows that already existed and is enforced for new ones.
-- $1 names our tables, $2 the constraints, as table.constraint, that the files say NOT VALID of.
SELECT
    t.relname::text AS table_name,
    con.conname::text AS constraint_name,
    CASE WHEN con.convalidated THEN 'is not enforced' ELSE 'is not validated' END AS problem
FROM pg_constraint AS con
JOIN pg_class AS t ON con.conrelid = t.oid
WHERE
    t.relnamespace = 'public'::regnamespace
    AND t.relname = ANY($1::text[])
    AND format('%s.%s', t.relname, con.conname) <> ALL($2::text[])
    -- Only PostgreSQL 18 and later have the column conenforced.
    AND (NOT con.convalidated OR to_jsonb(con) ->> 'conenforced' = 'false')
ORDER BY t.relname, con.conname;

-- name: every_foreign_key_is_indexed
-- Every foreign key has a usable index that begins with its columns, so that deleting a parent scans no child table.
-- $1 names our tables.
SELECT
    t.relname::text AS table_name,
    con.conname::text AS constraint_name,
    'no valid index begins with its columns' AS problem
FROM pg_constraint AS con
JOIN pg_class AS t ON con.conrelid = t.oid
WHERE
    con.contype = 'f'
    AND t.relnamespace = 'public'::regnamespace
    AND t.relname = ANY($1::text[])
    AND NOT EXISTS (
        SELECT
        FROM pg_index AS i
        WHERE
            i.indrelid = con.conrelid
            AND i.indisvalid
            AND i.indpred IS NULL
            -- indkey counts from 0; the order of the columns within the prefix does not matter.
            AND (i.indkey::smallint[])[0:cardinality(con.conkey) - 1] @> con.conkey
    )
ORDER BY t.relname, con.conname;

-- name: every_function_pins_its_search_path
-- Every function of the product pins its search_path with pg_temp last, so that no caller can slip in other tables.
-- $1 names our functions, without arguments.
SELECT
    format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS function_name,
    format('search_path is not %s', pinned.path) AS problem
FROM pg_proc AS p
-- What runs with the rights of its owner looks nothing up where somebody else may create.
JOIN (VALUES (true, 'pg_catalog, pg_temp'), (false, 'public, pg_temp')) AS pinned (prosecdef, path)
    ON p.prosecdef = pinned.prosecdef
WHERE
    p.pronamespace = 'public'::regnamespace
    AND p.proname = ANY($1::text[])
    -- No aggregate has settings of its own: the functions that it calls do.
    AND p.prokind <> 'a'
    AND coalesce(array_position(p.proconfig, 'search_path=' || pinned.path), 0) = 0
ORDER BY 1;

-- name: every_index_is_valid
-- Every index is complete and used; one that CREATE INDEX CONCURRENTLY left half-built is not.
-- $1 names our tables.
SELECT
    t.relname::text AS table_name,
    x.relname::text AS index_name,
    'is invalid: drop it and build it again' AS problem
FROM pg_index AS i
JOIN pg_class AS t ON i.indrelid = t.oid
JOIN pg_class AS x ON i.indexrelid = x.oid
WHERE
    t.relnamespace = 'public'::regnamespace
    AND t.relname = ANY($1::text[])
    AND NOT (i.indisvalid AND i.indisready AND i.indislive)
    -- The twin that an interrupted REINDEX CONCURRENTLY leaves beside a valid index does no harm.
    AND x.relname !~ '_cc(new|old)[0-9]*$'
ORDER BY t.relname, x.relname;

-- name: every_table_has_a_primary_key
-- Every table of the product has a primary key, so that each of its rows can be named.
-- $1 names our tables.
SELECT
    t.relname::text AS table_name,
    'has no primary key' AS problem
FROM pg_class AS t
WHERE
    t.relnamespace = 'public'::regnamespace
    AND t.relkind IN ('r', 'p')
    AND t.relname = ANY($1::text[])
    AND NOT EXISTS (
        SELECT
        FROM pg_constraint AS con
        WHERE con.conrelid = t.oid AND con.contype = 'p'
    )
ORDER BY t.relname;

-- name: every_trigger_is_enabled
-- Every trigger of the product fires, and so do the internal ones by which the server enforces foreign keys.
-- $1 names our tables, $2 our triggers, as table.trigger.
SELECT
    t.relname::text AS table_name,
    coalesce(con.conname, g.tgname)::text AS trigger_or_constraint,
    CASE g.tgenabled WHEN 'D' THEN 'is disabled' ELSE 'fires in replication only' END AS problem
FROM pg_trigger AS g
JOIN pg_class AS t ON g.tgrelid = t.oid
LEFT JOIN pg_constraint AS con ON g.tgconstraint = con.oid
WHERE
    t.relnamespace = 'public'::regnamespace
    AND t.relname = ANY($1::text[])
    AND (g.tgisinternal OR format('%s.%s', t.relname, g.tgname) = ANY($2::text[]))
    AND g.tgenabled IN ('D', 'R')
GROUP BY t.relname, coalesce(con.conname, g.tgname), g.tgenabled
ORDER BY t.relname, coalesce(con.conname, g.tgname);

-- name: no_row_is_an_orphan
-- Every row that refers to another finds it; a valid foreign key hides orphans made while its triggers were off.
-- The question for one foreign key; those of all are joined. A key with a NULL in it refers to nothing.
SELECT
    $table_text AS table_name,
    $columns_text AS column_name,
    concat_ws(', ', $row_key) AS row_key,
    concat_ws(', ', $columns) AS missing_key
FROM public.$table AS child
WHERE
    num_nulls($columns) = 0
    AND NOT EXISTS (
        SELECT
        FROM public.$referenced AS parent
        WHERE ($referenced_columns) = ($columns)
    );

-- name: sequences_are_ahead_of_their_keys
-- Every sequence hands out keys that no row has yet; after a careless restore it would hand out used ones.
-- The question for one sequence; those of all are joined.
SELECT
    $sequence_text AS sequence_name,
    s.last_value::text AS last_value,
    max(t.$column)::text AS highest_key
FROM public.$table AS t
CROSS JOIN $sequence AS s
GROUP BY s.last_value, s.is_called
HAVING max(t.$column) >= s.last_value + s.is_called::integer;

-- name: owned_sequences
-- The sequences that hand out keys for the columns $2 of the tables $1 of public, as two arrays of equal length. One
-- that counts down is never behind. `sequence` is qualified and quoted.
SELECT
    t.relname::text AS table_name,
    a.attname::text AS column_name,
    s.relname::text AS sequence_name,
    format('%I.%I', n.nspname, s.relname) AS sequence
FROM unnest($1::text[], $2::text[]) AS ours (table_name, column_name)
JOIN pg_class AS t ON ours.table_name = t.relname AND t.relnamespace = 'public'::regnamespace
JOIN pg_attribute AS a ON t.oid = a.attrelid AND ours.column_name = a.attname AND a.attnum > 0
JOIN pg_depend AS d
    ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid AND a.attnum = d.refobjsubid
    AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_sequence AS q ON d.objid = q.seqrelid AND q.seqincrement > 0
JOIN pg_class AS s ON q.seqrelid = s.oid
JOIN pg_namespace AS n ON s.relnamespace = n.oid
WHERE a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
ORDER BY 1, 2, 3;
