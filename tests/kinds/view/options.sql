-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen WITH (security_barrier = true) AS SELECT id FROM item;
CREATE VIEW plain AS SELECT id FROM item;
-- after
ALTER VIEW seen RESET (security_barrier);
ALTER VIEW plain SET (check_option = 'local');

-- differences
-- changed view plain
-- changed view seen
-- statements
CREATE OR REPLACE VIEW seen WITH (security_barrier=true) AS
 SELECT id
   FROM item
--
CREATE OR REPLACE VIEW plain AS
 SELECT id
   FROM item
