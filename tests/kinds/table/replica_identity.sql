-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
ALTER TABLE item REPLICA IDENTITY FULL;
-- after
ALTER TABLE item REPLICA IDENTITY DEFAULT;

-- differences
-- changed table item (warning)
-- statements
ALTER TABLE ONLY item REPLICA IDENTITY FULL
