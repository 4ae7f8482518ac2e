-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE TRIGGER item_stamp BEFORE UPDATE OF name ON item FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION stamp('a');
ALTER TABLE item ENABLE ALWAYS TRIGGER item_stamp;
COMMENT ON TRIGGER item_stamp ON item IS 'Stamps';
-- after
DROP TRIGGER item_stamp ON item;

-- differences
-- missing trigger item.item_stamp
-- missing comment trigger item.item_stamp (warning)
-- statements
CREATE OR REPLACE TRIGGER item_stamp BEFORE UPDATE OF name ON item FOR EACH ROW WHEN (new.id > 0) EXECUTE FUNCTION stamp('a')
--
ALTER TABLE item ENABLE ALWAYS TRIGGER item_stamp
--
COMMENT ON TRIGGER item_stamp ON item IS 'Stamps'
