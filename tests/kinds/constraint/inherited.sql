-- before
CREATE TABLE item (name text, CONSTRAINT item_name_check CHECK (name <> ''));
CREATE TABLE special () INHERITS (item);
-- after
ALTER TABLE item DROP CONSTRAINT item_name_check;

-- differences
-- missing constraint item.item_name_check
-- missing constraint special.item_name_check
-- statements
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> ''::text)
