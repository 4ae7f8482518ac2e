-- before
CREATE TYPE place AS (x integer, name text COLLATE "C");
CREATE TYPE pair AS (a place, b place[]);
COMMENT ON COLUMN place.x IS 'Across';
-- after
DROP TYPE pair;
DROP TYPE place;

-- differences
-- missing type pair
-- missing type place
-- statements
CREATE TYPE place AS (x integer, name text COLLATE "C")
--
CREATE TYPE pair AS (a place, b place[])
--
COMMENT ON COLUMN place.x IS 'Across'
