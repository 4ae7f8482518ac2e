BEGIN;

CREATE TABLE notes (id integer CONSTRAINT notes_pkey PRIMARY KEY, body text);

-- COMMIT; is refused outside comments only.
COMMIT;
