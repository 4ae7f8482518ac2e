-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY item_own ON item AS RESTRICTIVE FOR UPDATE TO postgres USING (id > 0) WITH CHECK (id < 100);
COMMENT ON POLICY item_own ON item IS 'Own';
-- after
DROP POLICY item_own ON item;

-- differences
-- missing policy item.item_own
-- missing comment policy item.item_own (warning)
-- statements
CREATE POLICY item_own ON item AS RESTRICTIVE FOR UPDATE TO postgres USING (id > 0) WITH CHECK (id < 100)
--
COMMENT ON POLICY item_own ON item IS 'Own'
