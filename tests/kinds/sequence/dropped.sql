-- before
CREATE SEQUENCE item_seq AS integer START 100 INCREMENT BY 5;
CREATE TABLE item (id integer DEFAULT nextval('item_seq'));
ALTER SEQUENCE item_seq OWNED BY item.id;
-- after
INSERT INTO item VALUES (300);
DROP SEQUENCE item_seq CASCADE;

-- differences
-- missing sequence item_seq
-- changed column item.id
-- statements
CREATE SEQUENCE item_seq AS integer START WITH 100 INCREMENT BY 5 MINVALUE 1 MAXVALUE 2147483647 CACHE 1 NO CYCLE
--
ALTER TABLE item ALTER COLUMN id SET DEFAULT nextval('item_seq'::regclass)
--
ALTER SEQUENCE item_seq OWNED BY item.id
--
SELECT setval('item_seq', greatest(max(id) + 1, 100), false) FROM item HAVING count(*) > 0
