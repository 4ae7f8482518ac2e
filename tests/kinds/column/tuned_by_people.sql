-- before
CREATE TABLE item (name text);
-- after
ALTER TABLE item ALTER name SET STORAGE EXTERNAL;
ALTER TABLE item ALTER name SET COMPRESSION pglz;

-- differences
-- changed column item.name (warning)
-- statements

