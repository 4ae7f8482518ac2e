-- before
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a * 2';
CREATE PROCEDURE work(a integer) LANGUAGE sql AS 'SELECT a';
COMMENT ON PROCEDURE work(integer) IS 'Works';
-- after
DROP FUNCTION twice;
DROP PROCEDURE work;

-- differences
-- missing function twice(integer)
-- missing function work(integer)
-- missing comment function work(integer) (warning)
-- statements
CREATE OR REPLACE FUNCTION twice(a integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT a * 2$function$

--
CREATE OR REPLACE PROCEDURE work(IN a integer)
 LANGUAGE sql
AS $procedure$SELECT a$procedure$

--
COMMENT ON PROCEDURE work(IN a integer) IS 'Works'
