-- before
CREATE TABLE item (name text);
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> '') NOT VALID;
-- after
ALTER TABLE item DROP CONSTRAINT item_name_check;

-- differences
-- missing constraint item.item_name_check
-- statements
ALTER TABLE item ADD CONSTRAINT item_name_check CHECK (name <> ''::text) NOT VALID
