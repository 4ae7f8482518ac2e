-- Objects that no comparison covers.
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de');
DROP OPERATOR IF EXISTS === (integer, integer);
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watched();
SECURITY LABEL ON TABLE notes IS 'secret';
