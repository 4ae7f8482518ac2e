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
ALTER VIEW seen ALTER COLUMN id DROP DEFAULT
--
CREATE OR REPLACE VIEW seen AS
 SELECT id,
    name
   FROM item
--
ALTER VIEW seen ALTER COLUMN name SET DEFAULT 'x'::text
