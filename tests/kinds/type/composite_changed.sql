-- before
CREATE TYPE place AS (x integer, y integer);
-- after
ALTER TYPE place DROP ATTRIBUTE y;

-- differences
-- changed type place
-- statements
-- refused
