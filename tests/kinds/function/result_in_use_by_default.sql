-- before
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a * 2';
CREATE TABLE item (id integer DEFAULT twice(2));
-- after
DROP FUNCTION twice CASCADE;
CREATE FUNCTION twice(b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT b * 2';
ALTER TABLE item ALTER id SET DEFAULT twice(2);

-- differences
-- changed function twice(integer)
-- statements
-- refused
