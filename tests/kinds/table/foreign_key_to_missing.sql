-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE TABLE part (id integer CONSTRAINT part_pkey PRIMARY KEY, item_id integer CONSTRAINT part_item_fkey REFERENCES item (id));
-- after
DROP TABLE item CASCADE;

-- differences
-- missing table item
-- missing constraint part.part_item_fkey
-- statements
CREATE TABLE item (id integer NOT NULL, name text)
--
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
ALTER TABLE part ADD CONSTRAINT part_item_fkey FOREIGN KEY (item_id) REFERENCES item(id)
