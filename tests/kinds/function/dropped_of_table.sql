-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE FUNCTION items() RETURNS SETOF item LANGUAGE sql AS 'SELECT * FROM item';
-- after
DROP TABLE item CASCADE;

-- differences
-- missing table item
-- missing function items()
-- statements
CREATE TABLE item (id integer NOT NULL, name text)
--
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
CREATE OR REPLACE FUNCTION items()
 RETURNS SETOF item
 LANGUAGE sql
AS $function$SELECT * FROM item$function$

