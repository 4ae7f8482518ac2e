CREATE OR REPLACE FUNCTION touch_note() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.written_at := now();
    RETURN NEW;
END;
$$;
