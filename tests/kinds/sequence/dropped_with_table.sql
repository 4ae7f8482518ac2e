-- before
CREATE SEQUENCE item_seq AS integer START 100;
CREATE TABLE item (id integer DEFAULT nextval('item_seq'));
ALTER SEQUENCE item_seq OWNED BY item.id;
-- after
DROP TABLE item;

-- differences
-- missing table item
-- statements
CREATE SEQUENCE item_seq AS integer START WITH 100 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1 NO CYCLE
--
CREATE TABLE item (id integer DEFAULT nextval('item_seq'::regclass))
--
ALTER SEQUENCE item_seq OWNED BY item.id
--
SELECT setval('item_seq', greatest(max(id) + 1, 100), false) FROM item HAVING count(*) > 0
