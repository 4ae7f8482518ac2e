-- before
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a * 2';
-- after
DROP FUNCTION twice;
CREATE PROCEDURE twice(a integer) LANGUAGE sql AS 'SELECT a';

-- differences
-- changed function twice(integer)
-- statements
DROP PROCEDURE twice(IN a integer)
--
CREATE OR REPLACE FUNCTION twice(a integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT a * 2$function$

