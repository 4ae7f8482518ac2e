-- before
CREATE TABLE item (id integer, name text DEFAULT 'x', CONSTRAINT item_name_check CHECK (name::text IN ('a', 'b', 'x')));
CREATE VIEW names AS SELECT id, name FROM item;
CREATE VIEW lower_names AS SELECT lower(name) AS name FROM names;
COMMENT ON VIEW names IS 'Called';
-- after
DROP VIEW lower_names, names;
ALTER TABLE item ALTER name TYPE varchar(10);
CREATE VIEW names AS SELECT id, name FROM item;
CREATE VIEW lower_names AS SELECT lower(name) AS name FROM names;
COMMENT ON VIEW names IS 'Called';
GRANT SELECT ON names TO PUBLIC;
CREATE VIEW mine AS SELECT name FROM lower_names;
GRANT SELECT ON mine TO PUBLIC;
COMMENT ON VIEW mine IS 'Of others';
CREATE VIEW apart AS SELECT id FROM names;

-- differences
-- changed column item.name
-- changed view lower_names
-- changed view names
-- changed constraint item.item_name_check
-- extra view apart (warning)
-- extra view mine (warning)
-- statements
DROP VIEW apart
--
DROP VIEW mine
--
DROP VIEW lower_names
--
DROP VIEW names
--
ALTER TABLE item ALTER COLUMN name TYPE text
--
ALTER TABLE item ALTER COLUMN name SET DEFAULT 'x'::text
--
ALTER TABLE item DROP CONSTRAINT item_name_check, ADD CONSTRAINT item_name_check CHECK (name = ANY (ARRAY['a'::text, 'b'::text, 'x'::text]))
--
CREATE OR REPLACE VIEW names AS
 SELECT id,
    name
   FROM item
--
CREATE OR REPLACE VIEW lower_names AS
 SELECT lower(name) AS name
   FROM names
--
CREATE OR REPLACE VIEW mine AS
 SELECT name
   FROM lower_names
--
CREATE OR REPLACE VIEW apart AS
 SELECT id
   FROM names
--
COMMENT ON VIEW names IS 'Called'
--
COMMENT ON VIEW mine IS 'Of others'
--
GRANT SELECT ON names TO PUBLIC
--
GRANT SELECT ON mine TO PUBLIC
