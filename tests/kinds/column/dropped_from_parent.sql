-- before
CREATE TABLE item (id integer, name text);
CREATE TABLE special (name text, price integer) INHERITS (item);
-- after
ALTER TABLE item DROP COLUMN id;

-- differences
-- missing column item.id
-- missing column special.id
-- statements
ALTER TABLE item ADD COLUMN id integer
