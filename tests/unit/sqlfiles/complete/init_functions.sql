CREATE OR REPLACE FUNCTION touch_note() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.about := coalesce(NEW.about, 'none');
    RETURN NEW;
END;
$$;

CREATE OR REPLACE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) FROM notes;
END;

CREATE OR REPLACE PROCEDURE forget_drafts() LANGUAGE sql AS 'DELETE FROM public.drafts';

CREATE OR REPLACE AGGREGATE total (integer) (sfunc = int4pl, stype = integer, initcond = '0');

COMMENT ON FUNCTION touch_note() IS 'Fills in what a note is about.';
COMMENT ON PROCEDURE forget_drafts() IS 'Deletes drafts.';
COMMENT ON AGGREGATE total (integer) IS 'A sum.';
COMMENT ON ROUTINE count_notes() IS 'How many notes there are.';
