-- before
CREATE TABLE item (id integer NOT NULL, name text);
CREATE UNIQUE INDEX item_id ON item (id);
ALTER TABLE item REPLICA IDENTITY USING INDEX item_id;
-- after
DROP TABLE item;

-- differences
-- missing table item
-- statements
CREATE TABLE item (id integer NOT NULL, name text)
--
CREATE UNIQUE INDEX item_id ON item USING btree (id)
--
ALTER TABLE ONLY item REPLICA IDENTITY USING INDEX item_id
