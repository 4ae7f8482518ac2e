-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen AS SELECT id FROM item;
CREATE RULE seen_kept AS ON DELETE TO seen DO INSTEAD NOTHING;
-- after
DROP VIEW seen;

-- differences
-- missing view seen
-- statements
CREATE OR REPLACE VIEW seen AS
 SELECT id
   FROM item
--
CREATE OR REPLACE RULE seen_kept AS
    ON DELETE TO seen DO INSTEAD NOTHING
