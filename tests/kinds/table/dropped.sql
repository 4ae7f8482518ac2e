-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE INDEX item_name ON item (name);
COMMENT ON TABLE item IS 'Things';
COMMENT ON COLUMN item.name IS 'What it is called';
-- after
DROP TABLE item;

-- differences
-- missing table item
-- statements
CREATE TABLE item (id integer NOT NULL, name text)
--
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
CREATE INDEX item_name ON item USING btree (name)
--
COMMENT ON TABLE item IS 'Things'
--
COMMENT ON COLUMN item.name IS 'What it is called'
