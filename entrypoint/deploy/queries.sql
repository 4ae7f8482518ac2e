-- name: built_indexes
SELECT x.relname::text AS name, i.indisvalid AND i.indisready AND i.indislive AS valid
FROM pg_index AS i
JOIN pg_class AS x ON i.indexrelid = x.oid
WHERE x.relnamespace = 'public'::regnamespace AND x.relname = ANY($1::text[])
ORDER BY x.relname;

-- name: assigned_transaction
-- NULL when the transaction wrote nothing, so that asking does not make it write.
SELECT pg_current_xact_id_if_assigned()::text;

-- name: transaction_status
-- committed, aborted, in progress, or NULL when it is too old to be known.
SELECT pg_xact_status($1::text::xid8);
