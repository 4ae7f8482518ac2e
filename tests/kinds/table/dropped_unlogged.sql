-- before
CREATE UNLOGGED TABLE item (id integer) WITH (fillfactor = 70);
-- after
DROP TABLE item;

-- differences
-- missing table item
-- statements
CREATE UNLOGGED TABLE item (id integer) WITH (fillfactor=70)
