-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE TABLE part (item_id integer, CONSTRAINT part_item_fkey FOREIGN KEY (item_id) REFERENCES item (id));
-- after
ALTER TABLE item DROP CONSTRAINT item_pkey CASCADE;
ALTER TABLE item ALTER name SET NOT NULL;
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id, name);

-- differences
-- missing constraint part.part_item_fkey
-- changed column item.name
-- changed constraint item.item_pkey
-- statements
ALTER TABLE item DROP CONSTRAINT item_pkey, ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
ALTER TABLE part ADD CONSTRAINT part_item_fkey FOREIGN KEY (item_id) REFERENCES item(id)
--
ALTER TABLE item ALTER COLUMN name DROP NOT NULL
