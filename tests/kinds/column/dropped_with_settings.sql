-- before
CREATE TABLE item (id integer, name text COMPRESSION pglz);
ALTER TABLE item ALTER name SET STORAGE EXTERNAL;
-- after
ALTER TABLE item DROP COLUMN name;

-- differences
-- missing column item.name
-- statements
ALTER TABLE item ADD COLUMN name text
--
ALTER TABLE item ALTER COLUMN name SET STORAGE EXTERNAL
--
ALTER TABLE item ALTER COLUMN name SET COMPRESSION pglz
