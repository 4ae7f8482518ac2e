-- Triggers of MORSE; what each one does is said at its function in sql/init_functions.sql.

CREATE OR REPLACE TRIGGER trigger_update_session_updated_at
BEFORE UPDATE ON workout_sessions
FOR EACH ROW EXECUTE FUNCTION update_session_updated_at();

CREATE OR REPLACE TRIGGER trigger_update_device_last_seen
AFTER INSERT ON audio_files
FOR EACH ROW EXECUTE FUNCTION update_device_last_seen();

CREATE OR REPLACE TRIGGER session_audio_files_deleted_trigger
AFTER DELETE ON session_audio_files
FOR EACH ROW EXECUTE FUNCTION recount_session_recordings();

CREATE OR REPLACE TRIGGER workout_claims_deleted_trigger
AFTER DELETE ON workout_claims
FOR EACH ROW EXECUTE FUNCTION release_claimed_workout();

CREATE OR REPLACE TRIGGER session_claims_deleted_trigger
AFTER DELETE ON session_claims
FOR EACH ROW EXECUTE FUNCTION release_claimed_session();

CREATE OR REPLACE TRIGGER teams_invite_code_trigger
BEFORE INSERT ON teams
FOR EACH ROW EXECUTE FUNCTION set_invite_code();

CREATE OR REPLACE TRIGGER teams_updated_at_trigger
BEFORE UPDATE ON teams
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
