-- before
CREATE TABLE item (price numeric(12, 2));
CREATE VIEW prices AS SELECT price, price * 2 AS twice FROM item;
-- after
DROP VIEW prices;
ALTER TABLE item ALTER price TYPE numeric(8, 2);
CREATE VIEW prices AS SELECT price, price * 2 AS twice FROM item;
CREATE VIEW mine AS SELECT price FROM prices;
GRANT SELECT ON mine TO PUBLIC;

-- differences
-- changed column item.price
-- changed view prices
-- extra view mine (warning)
-- statements
DROP VIEW mine
--
DROP VIEW prices
--
ALTER TABLE item ALTER COLUMN price TYPE numeric(12,2)
--
CREATE OR REPLACE VIEW prices AS
 SELECT price,
    price * 2::numeric AS twice
   FROM item
--
CREATE OR REPLACE VIEW mine AS
 SELECT price
   FROM prices
--
GRANT SELECT ON mine TO PUBLIC
