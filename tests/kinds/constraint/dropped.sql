-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
ALTER TABLE item ADD CONSTRAINT item_name_key UNIQUE (name) DEFERRABLE INITIALLY DEFERRED;
-- after
ALTER TABLE item DROP CONSTRAINT item_name_key, DROP CONSTRAINT item_pkey;

-- differences
-- missing constraint item.item_name_key
-- missing constraint item.item_pkey
-- statements
ALTER TABLE item ADD CONSTRAINT item_pkey PRIMARY KEY (id)
--
ALTER TABLE item ADD CONSTRAINT item_name_key UNIQUE (name) DEFERRABLE INITIALLY DEFERRED
