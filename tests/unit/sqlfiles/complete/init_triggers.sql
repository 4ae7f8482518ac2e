CREATE OR REPLACE TRIGGER notes_touched BEFORE UPDATE ON notes
FOR EACH ROW EXECUTE FUNCTION touch_note();

COMMENT ON TRIGGER notes_touched ON notes IS 'Before each change.';
