CREATE OR REPLACE VIEW recent_notes AS
SELECT id, body FROM notes WHERE written_at > now() - interval '7 days';

COMMENT ON VIEW recent_notes IS 'Notes of the last seven days.';
