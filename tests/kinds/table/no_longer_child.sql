-- before
CREATE TABLE item (id integer);
CREATE TABLE special () INHERITS (item);
-- after
ALTER TABLE special NO INHERIT item;

-- differences
-- changed table special
-- changed column special.id
-- statements
-- refused
