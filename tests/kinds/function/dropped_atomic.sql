-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE FUNCTION count_items() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM item; END;
CREATE VIEW counted AS SELECT count_items() AS n;
-- after
DROP TABLE item CASCADE;

-- differences
-- missing table item
-- missing function count_items()
-- missing view counted
-- statements
CREATE TABLE item (id integer NOT NULL, name text)
--
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
CREATE OR REPLACE FUNCTION count_items()
 RETURNS bigint
 LANGUAGE sql
BEGIN ATOMIC
 SELECT count(*) AS count
    FROM item;
END

--
CREATE OR REPLACE VIEW counted AS
 SELECT count_items() AS n
