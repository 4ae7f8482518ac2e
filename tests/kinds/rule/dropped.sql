-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE RULE item_kept AS ON DELETE TO item WHERE OLD.id > 0 DO INSTEAD NOTHING;
ALTER TABLE item DISABLE RULE item_kept;
COMMENT ON RULE item_kept ON item IS 'Keeps';
-- after
DROP RULE item_kept ON item;

-- differences
-- missing rule item.item_kept
-- missing comment rule item.item_kept (warning)
-- statements
CREATE OR REPLACE RULE item_kept AS
    ON DELETE TO item
   WHERE old.id > 0 DO INSTEAD NOTHING
--
ALTER TABLE item DISABLE RULE item_kept
--
COMMENT ON RULE item_kept ON item IS 'Keeps'
