CREATE OR REPLACE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1;

CREATE OR REPLACE FUNCTION touch_note() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    NEW.written_at := now();
