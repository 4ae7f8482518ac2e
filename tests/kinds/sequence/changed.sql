-- before
CREATE SEQUENCE item_seq AS integer START 100;
CREATE TABLE item (id integer);
ALTER SEQUENCE item_seq OWNED BY item.id;
-- after
ALTER SEQUENCE item_seq AS bigint CYCLE OWNED BY NONE;

-- differences
-- changed sequence item_seq
-- statements
ALTER SEQUENCE item_seq AS integer START WITH 100 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1 NO CYCLE
--
ALTER SEQUENCE item_seq OWNED BY item.id
