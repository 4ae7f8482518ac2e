-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
CREATE TRIGGER mine BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION stamp();

-- differences
-- extra trigger item.mine
-- statements

