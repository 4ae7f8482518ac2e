-- before
CREATE TABLE item (id integer NOT NULL, name text);
-- after
ALTER TABLE item ALTER id ADD GENERATED ALWAYS AS IDENTITY;

-- differences
-- changed column item.id
-- statements
ALTER TABLE item ALTER COLUMN id DROP IDENTITY
