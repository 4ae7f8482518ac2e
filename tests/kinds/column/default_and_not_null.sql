-- before
CREATE TABLE item (id integer DEFAULT 1 NOT NULL, name text);
-- after
ALTER TABLE item ALTER id SET DEFAULT 2, ALTER id DROP NOT NULL;
ALTER TABLE item ALTER name SET NOT NULL;

-- differences
-- changed column item.id
-- changed column item.name
-- statements
ALTER TABLE item ALTER COLUMN id SET DEFAULT 1
--
ALTER TABLE item ALTER COLUMN id SET NOT NULL
--
ALTER TABLE item ALTER COLUMN name DROP NOT NULL
