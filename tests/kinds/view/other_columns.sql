-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen AS SELECT id, name FROM item;
CREATE VIEW a_view_on_it AS SELECT id FROM seen;
CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
CREATE TRIGGER seen_gone INSTEAD OF DELETE ON seen FOR EACH ROW EXECUTE FUNCTION gone();
COMMENT ON VIEW seen IS 'What is seen';
-- after
DROP VIEW seen CASCADE;
CREATE VIEW seen AS SELECT name, id FROM item;
CREATE VIEW a_view_on_it AS SELECT id FROM seen;
GRANT SELECT ON seen TO PUBLIC;
GRANT SELECT ON a_view_on_it TO PUBLIC;

-- differences
-- missing trigger seen.seen_gone
-- changed view seen
-- missing comment view seen (warning)
-- statements
DROP VIEW a_view_on_it
--
DROP VIEW seen
--
CREATE OR REPLACE VIEW seen AS
 SELECT id,
    name
   FROM item
--
CREATE OR REPLACE VIEW a_view_on_it AS
 SELECT id
   FROM seen
--
CREATE OR REPLACE TRIGGER seen_gone INSTEAD OF DELETE ON seen FOR EACH ROW EXECUTE FUNCTION gone()
--
COMMENT ON VIEW seen IS 'What is seen'
--
GRANT SELECT ON seen TO PUBLIC
--
GRANT SELECT ON a_view_on_it TO PUBLIC
