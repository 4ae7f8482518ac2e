-- before
CREATE TABLE item (price numeric(12, 3));
-- after
ALTER TABLE item ALTER price TYPE numeric(9, 2);

-- differences
-- changed column item.price
-- statements
-- refused
