-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen AS SELECT id FROM item;
-- after
CREATE OR REPLACE VIEW seen AS SELECT id FROM item WHERE id > 0;

-- differences
-- changed view seen
-- statements
CREATE OR REPLACE VIEW seen AS
 SELECT id
   FROM item
