-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE TABLE part (name text CONSTRAINT part_name_key UNIQUE);
CREATE TABLE piece (name text, CONSTRAINT piece_name_fkey FOREIGN KEY (name) REFERENCES part (name));
-- after
ALTER TABLE piece DROP CONSTRAINT piece_name_fkey;
ALTER TABLE part DROP CONSTRAINT part_name_key;
ALTER TABLE part ADD CONSTRAINT part_name_key UNIQUE (name) INCLUDE (name);
ALTER TABLE piece ADD CONSTRAINT piece_name_fkey FOREIGN KEY (name) REFERENCES part (name);

-- differences
-- changed constraint part.part_name_key
-- statements
ALTER TABLE piece DROP CONSTRAINT piece_name_fkey
--
ALTER TABLE part DROP CONSTRAINT part_name_key, ADD CONSTRAINT part_name_key UNIQUE (name)
--
ALTER TABLE piece ADD CONSTRAINT piece_name_fkey FOREIGN KEY (name) REFERENCES part(name)
