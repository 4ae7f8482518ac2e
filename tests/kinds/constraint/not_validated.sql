-- before
CREATE TABLE item (name text, CONSTRAINT item_name_check CHECK (name <> ''));
-- after
ALTER TABLE item DROP CONSTRAINT item_name_check;
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> '') NOT VALID;

-- differences
-- changed constraint item.item_name_check
-- statements
ALTER TABLE item VALIDATE CONSTRAINT item_name_check
