-- before
CREATE TABLE item (name text, CONSTRAINT item_name_check CHECK (name <> '') NO INHERIT);
CREATE TABLE special () INHERITS (item);
-- after
ALTER TABLE item DROP CONSTRAINT item_name_check;
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> '');

-- differences
-- changed constraint item.item_name_check
-- extra constraint special.item_name_check (warning)
-- statements
ALTER TABLE item DROP CONSTRAINT item_name_check, ADD CONSTRAINT item_name_check CHECK (name <> ''::text) NO INHERIT
