-- before
CREATE TABLE item (id integer DEFAULT 1);
CREATE TABLE special (id integer DEFAULT 2) INHERITS (item);
-- after
ALTER TABLE ONLY item ALTER id SET DEFAULT 3;

-- differences
-- changed column item.id
-- statements
ALTER TABLE ONLY item ALTER COLUMN id SET DEFAULT 1
