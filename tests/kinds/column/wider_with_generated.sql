-- before
CREATE TABLE item (name varchar(20), shout text GENERATED ALWAYS AS (upper(name)) STORED);
-- after
ALTER TABLE item DROP COLUMN shout;
ALTER TABLE item ALTER name TYPE varchar(10);
ALTER TABLE item ADD COLUMN shout text GENERATED ALWAYS AS (upper(name)) STORED;

-- differences
-- changed column item.name
-- statements
-- refused
