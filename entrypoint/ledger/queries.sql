-- name: prune_history
-- Keeps the last $1 entries, and the newest of every set of files, major version of the server and method of reading,
-- from which the expected rows are read.
DELETE FROM entrypoint.history
WHERE id NOT IN (SELECT h.id FROM entrypoint.history AS h ORDER BY h.id DESC LIMIT $1)
    AND id NOT IN (
        SELECT max(h.id)
        FROM entrypoint.history AS h
        GROUP BY h.digest, h.server_version / 10000, h.method
    );
