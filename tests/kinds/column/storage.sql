-- before
CREATE TABLE item (name text);
ALTER TABLE item ALTER name SET STORAGE EXTERNAL;
-- after
ALTER TABLE item ALTER name SET STORAGE MAIN;

-- differences
-- changed column item.name (warning)
-- statements
ALTER TABLE item ALTER COLUMN name SET STORAGE EXTERNAL
