-- before
CREATE TYPE point3 AS (x integer, y integer, z text);
CREATE TABLE place OF point3 (x WITH OPTIONS NOT NULL DEFAULT 1, CONSTRAINT place_pkey PRIMARY KEY (x));
-- after
DROP TABLE place;

-- differences
-- missing table place
-- statements
CREATE TABLE place OF point3 (x WITH OPTIONS DEFAULT 1 NOT NULL)
--
ALTER TABLE place ADD CONSTRAINT place_pkey PRIMARY KEY (x)
