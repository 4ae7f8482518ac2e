-- before
CREATE TABLE item (id integer, name varchar(20));
-- after
ALTER TABLE item ALTER name TYPE varchar(10);
CREATE MATERIALIZED VIEW kept AS SELECT name FROM item;

-- differences
-- changed column item.name
-- extra materialized view kept (warning)
-- statements
-- refused
