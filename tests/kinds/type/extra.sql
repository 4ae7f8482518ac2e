-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
CREATE TYPE mine AS ENUM ('a');

-- differences
-- extra type mine (warning)
-- statements

