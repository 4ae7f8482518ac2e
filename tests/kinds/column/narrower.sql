-- before
CREATE TABLE item (name varchar(10), price numeric(9, 2));
-- after
ALTER TABLE item ALTER name TYPE varchar(20);

-- differences
-- changed column item.name
-- statements
-- refused
