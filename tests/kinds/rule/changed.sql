-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE RULE item_kept AS ON DELETE TO item DO INSTEAD NOTHING;
CREATE RULE item_same AS ON UPDATE TO item DO INSTEAD NOTHING;
-- after
CREATE OR REPLACE RULE item_kept AS ON DELETE TO item DO ALSO NOTHING;
ALTER TABLE item DISABLE RULE item_same;

-- differences
-- changed rule item.item_kept
-- changed rule item.item_same
-- statements
CREATE OR REPLACE RULE item_kept AS
    ON DELETE TO item DO INSTEAD NOTHING
--
ALTER TABLE item ENABLE RULE item_same
