-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
ALTER TABLE item ENABLE ROW LEVEL SECURITY;

-- differences
-- extra row security item
-- statements

