-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
COMMENT ON TABLE item IS 'Things';
COMMENT ON CONSTRAINT item_pkey ON item IS 'Key';
COMMENT ON INDEX item_pkey IS 'Index';
-- after
COMMENT ON TABLE item IS 'Other';
COMMENT ON CONSTRAINT item_pkey ON item IS NULL;
COMMENT ON INDEX item_pkey IS NULL;

-- differences
-- missing comment constraint item.item_pkey (warning)
-- missing comment index item_pkey (warning)
-- changed comment table item (warning)
-- statements
COMMENT ON TABLE item IS 'Things'
--
COMMENT ON INDEX item_pkey IS 'Index'
--
COMMENT ON CONSTRAINT item_pkey ON item IS 'Key'
