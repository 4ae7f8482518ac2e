-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a * 2';
CREATE TABLE item (id integer, CONSTRAINT item_twice CHECK (twice(id) > 0));
CREATE INDEX item_twice_id ON item (twice(id));
CREATE VIEW seen AS SELECT twice(id) AS id FROM item;
CREATE POLICY item_seen ON item USING (twice(id) > 0);
-- after
DROP FUNCTION twice CASCADE;
CREATE FUNCTION twice(b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT b * 2';
ALTER TABLE item ADD CONSTRAINT item_twice CHECK (twice(id) > 0);
CREATE INDEX item_twice_id ON item (twice(id));
CREATE VIEW seen AS SELECT twice(id) AS id FROM item;
CREATE POLICY item_seen ON item USING (twice(id) > 0);

-- differences
-- changed function twice(integer)
-- statements
DROP POLICY item_seen ON item
--
DROP INDEX item_twice_id
--
ALTER TABLE item DROP CONSTRAINT item_twice
--
DROP VIEW seen
--
DROP FUNCTION twice(b integer)
--
CREATE OR REPLACE FUNCTION twice(a integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT a * 2$function$

--
ALTER TABLE item ADD CONSTRAINT item_twice CHECK (twice(id) > 0)
--
CREATE INDEX item_twice_id ON item USING btree (twice(id))
--
CREATE OR REPLACE VIEW seen AS
 SELECT twice(id) AS id
   FROM item
--
CREATE POLICY item_seen ON item AS PERMISSIVE FOR ALL TO PUBLIC USING (twice(id) > 0)
