-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen AS SELECT id, name FROM item;
ALTER VIEW seen ALTER name SET DEFAULT 'x';
-- after
ALTER VIEW seen ALTER name DROP DEFAULT;
ALTER VIEW seen ALTER id SET DEFAULT 1;

-- differences
-- changed view seen
-- statements
DROP VIEW seen
--
CREATE OR REPLACE VIEW seen AS
 SELECT id,
    name
   FROM item
--
ALTER TABLE seen ALTER COLUMN name SET DEFAULT 'x'::text
