-- before
CREATE TABLE item (id integer DEFAULT 1);
CREATE TABLE special () INHERITS (item);
-- after
ALTER TABLE ONLY special ALTER id SET DEFAULT 2;

-- differences
-- changed column special.id
-- statements
ALTER TABLE special ALTER COLUMN id SET DEFAULT 1
