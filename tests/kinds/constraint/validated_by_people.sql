-- before
CREATE TABLE item (name text);
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> '') NOT VALID;
-- after
ALTER TABLE item VALIDATE CONSTRAINT item_name_check;

-- differences
-- changed constraint item.item_name_check (warning)
-- statements

