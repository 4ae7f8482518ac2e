-- before
CREATE TABLE item (name varchar(20) DEFAULT 'x');
CREATE TABLE special () INHERITS (item);
CREATE VIEW names AS SELECT name FROM special;
-- after
DROP VIEW names;
ALTER TABLE item ALTER name TYPE varchar(10);
CREATE VIEW names AS SELECT name FROM special;

-- differences
-- changed column item.name
-- changed column special.name
-- changed view names
-- statements
DROP VIEW names
--
ALTER TABLE item ALTER COLUMN name TYPE character varying(20)
--
ALTER TABLE ONLY item ALTER COLUMN name SET DEFAULT 'x'::character varying
--
ALTER TABLE special ALTER COLUMN name SET DEFAULT 'x'::character varying
--
CREATE OR REPLACE VIEW names AS
 SELECT name
   FROM special
