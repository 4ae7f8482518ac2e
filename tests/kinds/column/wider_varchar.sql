-- before
CREATE TABLE item (name varchar(20) DEFAULT 'x', price numeric(12, 2));
CREATE INDEX item_name ON item (name);
-- after
ALTER TABLE item ALTER name TYPE varchar(10), ALTER price TYPE numeric(9, 2);

-- differences
-- changed column item.name
-- changed column item.price
-- statements
ALTER TABLE item ALTER COLUMN name TYPE character varying(20)
--
ALTER TABLE item ALTER COLUMN name SET DEFAULT 'x'::character varying
--
ALTER TABLE item ALTER COLUMN price TYPE numeric(12,2)
