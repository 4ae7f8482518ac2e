-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen WITH (security_barrier = true) AS SELECT id FROM item;
CREATE VIEW a_view_on_it AS SELECT id FROM seen;
COMMENT ON COLUMN seen.id IS 'Key';
-- after
DROP VIEW seen CASCADE;

-- differences
-- missing view a_view_on_it
-- missing view seen
-- statements
CREATE OR REPLACE VIEW seen WITH (security_barrier=true) AS
 SELECT id
   FROM item
--
CREATE OR REPLACE VIEW a_view_on_it AS
 SELECT id
   FROM seen
--
COMMENT ON COLUMN seen.id IS 'Key'
