-- before
CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2';
CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer, INITCOND = '0', COMBINEFUNC = plus, PARALLEL = SAFE);
CREATE AGGREGATE middle(float8 ORDER BY integer) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
COMMENT ON AGGREGATE total(integer) IS 'Sum';
-- after
DROP AGGREGATE total(integer);
DROP AGGREGATE middle(float8 ORDER BY integer);
DROP FUNCTION plus;

-- differences
-- missing function middle(double precision, integer)
-- missing function plus(integer, integer)
-- missing function total(integer)
-- missing comment function total(integer) (warning)
-- statements
CREATE OR REPLACE FUNCTION plus(integer, integer)
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT $1 + $2$function$

--
CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer, COMBINEFUNC = plus, INITCOND = '0', PARALLEL = SAFE)
--
CREATE OR REPLACE AGGREGATE middle(double precision ORDER BY integer) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = UNSAFE)
--
COMMENT ON AGGREGATE total(integer) IS 'Sum'
