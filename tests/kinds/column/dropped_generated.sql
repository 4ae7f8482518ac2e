-- before
CREATE TABLE item (b integer, a integer GENERATED ALWAYS AS (b * 2) STORED);
-- after
ALTER TABLE item DROP COLUMN b CASCADE;
ALTER TABLE item ADD COLUMN other integer;

-- differences
-- missing column item.a
-- missing column item.b
-- extra column item.other (warning)
-- statements
ALTER TABLE item ADD COLUMN b integer
--
ALTER TABLE item ADD COLUMN a integer GENERATED ALWAYS AS ((b * 2)) STORED
