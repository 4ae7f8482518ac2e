-- Drops what the product owns, and nothing else: extensions and objects of others stay, and whoever depends on ours
-- stops it. The entrypoint drops its ledger afterwards, proves that nothing is left, and only then commits.
-- An object that a later release no longer has keeps its line here, for the databases whose ledger still names it; one
-- that no newest entry of a ledger names is not dropped, and stops the rollback.

DROP VIEW IF EXISTS user_workout_summaries;
DROP VIEW IF EXISTS session_summaries;

-- What refers goes before what it refers to.
DROP TABLE IF EXISTS team_memberships;
DROP TABLE IF EXISTS teams;
DROP TABLE IF EXISTS session_claims;
DROP TABLE IF EXISTS workout_claims;
DROP TABLE IF EXISTS user_progress;
DROP TABLE IF EXISTS exercise_library;
DROP TABLE IF EXISTS exercises;
DROP TABLE IF EXISTS workouts;
DROP TABLE IF EXISTS session_detection_config;
DROP TABLE IF EXISTS session_audio_files;
DROP TABLE IF EXISTS transcriptions;
DROP TABLE IF EXISTS device_links;
DROP TABLE IF EXISTS user_devices;
DROP TABLE IF EXISTS speaker_verifications;
DROP TABLE IF EXISTS voice_profiles;
DROP TABLE IF EXISTS audio_files;
DROP TABLE IF EXISTS workout_sessions;
DROP TABLE IF EXISTS users;
DROP TABLE IF EXISTS app_users;

-- Its column owns it, so that it falls with its table unless somebody changed that.
DROP SEQUENCE IF EXISTS teams_team_id_seq;
DROP SEQUENCE IF EXISTS team_memberships_membership_id_seq;

DROP FUNCTION IF EXISTS release_claimed_session();
DROP FUNCTION IF EXISTS release_claimed_workout();
DROP FUNCTION IF EXISTS recount_session_recordings();
DROP FUNCTION IF EXISTS update_device_last_seen();
DROP FUNCTION IF EXISTS update_session_updated_at();
DROP FUNCTION IF EXISTS update_updated_at_column();
DROP FUNCTION IF EXISTS set_invite_code();
DROP FUNCTION IF EXISTS generate_invite_code();
DROP FUNCTION IF EXISTS expire_old_unclaimed_workouts();
DROP FUNCTION IF EXISTS create_new_session(UUID, UUID, TIMESTAMPTZ);
DROP FUNCTION IF EXISTS add_audio_to_session(UUID, UUID, TIMESTAMPTZ);
DROP FUNCTION IF EXISTS detect_session_candidates(UUID, UUID, TIMESTAMPTZ, INTEGER);
DROP FUNCTION IF EXISTS get_user_linked_devices(UUID);
DROP FUNCTION IF EXISTS link_user_to_device(UUID, VARCHAR, VARCHAR);
DROP FUNCTION IF EXISTS auto_assign_workout_to_user(UUID, NUMERIC, UUID);
DROP FUNCTION IF EXISTS claim_workout(UUID, UUID, VARCHAR, NUMERIC);
DROP FUNCTION IF EXISTS get_unclaimed_workouts_for_device(VARCHAR);
DROP FUNCTION IF EXISTS search_devices_by_last4(VARCHAR);
