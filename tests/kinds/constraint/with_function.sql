-- before
CREATE FUNCTION good(integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 0';
CREATE TABLE item (id integer DEFAULT abs(-1), CONSTRAINT item_good CHECK (good(id)), twice integer GENERATED ALWAYS AS (id * 2) STORED);
CREATE INDEX item_good_id ON item (good(id));
-- after
DROP TABLE item;
DROP FUNCTION good;

-- differences
-- missing table item
-- missing function good(integer)
-- statements
CREATE OR REPLACE FUNCTION good(integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT $1 > 0$function$

--
CREATE TABLE item (id integer DEFAULT abs('-1'::integer), twice integer GENERATED ALWAYS AS ((id * 2)) STORED)
--
ALTER TABLE item ADD CONSTRAINT item_good CHECK (good(id))
--
CREATE INDEX item_good_id ON item USING btree (good(id))
