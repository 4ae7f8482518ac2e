-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY item_own ON item AS RESTRICTIVE FOR UPDATE TO postgres USING (id > 0) WITH CHECK (id < 100);
-- after
DROP POLICY item_own ON item;
CREATE POLICY item_own ON item AS RESTRICTIVE FOR ALL TO postgres USING (id > 0) WITH CHECK (id < 100);

-- differences
-- changed policy item.item_own
-- statements
DROP POLICY item_own ON item
--
CREATE POLICY item_own ON item AS RESTRICTIVE FOR UPDATE TO postgres USING (id > 0) WITH CHECK (id < 100)
