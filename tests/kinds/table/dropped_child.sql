-- before
CREATE TABLE item (id integer NOT NULL, name text DEFAULT 'x', CONSTRAINT item_named CHECK (name <> ''));
CREATE TABLE special (price numeric(9, 2)) INHERITS (item);
CREATE TABLE "Odd name" () INHERITS (item, special);
-- after
DROP TABLE "Odd name", special;

-- differences
-- missing table Odd name
-- missing table special
-- statements
CREATE TABLE special (price numeric(9,2)) INHERITS (item)
--
CREATE TABLE "Odd name" () INHERITS (item, special)
