-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE item (id integer, name varchar(20));
CREATE TRIGGER item_stamp BEFORE UPDATE OF name ON item FOR EACH ROW WHEN (NEW.name <> 'x') EXECUTE FUNCTION stamp();
CREATE POLICY item_seen ON item USING (name <> 'y');
CREATE RULE item_kept AS ON DELETE TO item WHERE OLD.name = 'z' DO INSTEAD NOTHING;
-- after
DROP TRIGGER item_stamp ON item;
DROP POLICY item_seen ON item;
DROP RULE item_kept ON item;
ALTER TABLE item ALTER name TYPE varchar(10);
CREATE TRIGGER item_stamp BEFORE UPDATE OF name ON item FOR EACH ROW WHEN (NEW.name <> 'x') EXECUTE FUNCTION stamp();
CREATE POLICY item_seen ON item USING (name <> 'y');
CREATE RULE item_kept AS ON DELETE TO item WHERE OLD.name = 'z' DO INSTEAD NOTHING;

-- differences
-- changed column item.name
-- statements
DROP RULE item_kept ON item
--
DROP POLICY item_seen ON item
--
DROP TRIGGER item_stamp ON item
--
ALTER TABLE item ALTER COLUMN name TYPE character varying(20)
--
CREATE OR REPLACE TRIGGER item_stamp BEFORE UPDATE OF name ON item FOR EACH ROW WHEN (new.name::text <> 'x'::text) EXECUTE FUNCTION stamp()
--
CREATE POLICY item_seen ON item AS PERMISSIVE FOR ALL TO PUBLIC USING (name::text <> 'y'::text)
--
CREATE OR REPLACE RULE item_kept AS
    ON DELETE TO item
   WHERE old.name::text = 'z'::text DO INSTEAD NOTHING
