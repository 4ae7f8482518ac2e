-- One change for every facet in which an object of each kind can differ. None of them needs a decision about data.

-- changes: column users.total_workouts
ALTER TABLE users ALTER total_workouts SET DEFAULT 1;

-- changes: column users.total_workouts
ALTER TABLE users ALTER total_workouts DROP DEFAULT;

-- changes: column users.total_workouts
ALTER TABLE users ALTER total_workouts SET NOT NULL;

-- changes: column teams.team_name
ALTER TABLE teams ALTER team_name DROP NOT NULL;

-- changes: constraint exercises.exercises_effort_level_check
ALTER TABLE exercises DROP CONSTRAINT exercises_effort_level_check, ADD CONSTRAINT
    exercises_effort_level_check CHECK (effort_level > 0);

-- changes: constraint exercises.exercises_workout_id_fkey
ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey, ADD CONSTRAINT
    exercises_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id);

-- changes: constraint exercises.exercises_workout_id_fkey
ALTER TABLE exercises DROP CONSTRAINT exercises_workout_id_fkey, ADD CONSTRAINT
    exercises_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id) ON DELETE CASCADE NOT
    VALID;

-- changes: constraint exercises.exercises_workout_id_fkey
ALTER TABLE exercises ALTER CONSTRAINT exercises_workout_id_fkey DEFERRABLE;

-- changes: index idx_workouts_date
DROP INDEX idx_workouts_date;
CREATE INDEX idx_workouts_date ON workouts (workout_date DESC);

-- changes: index idx_workouts_date
DROP INDEX idx_workouts_date;
CREATE INDEX idx_workouts_date ON exercises (exercise_name);

-- changes: index idx_voice_profiles_active
DROP INDEX idx_voice_profiles_active;
CREATE INDEX idx_voice_profiles_active ON voice_profiles (is_active);

-- changes: sequence teams_team_id_seq
ALTER SEQUENCE teams_team_id_seq INCREMENT 2;

-- changes: sequence teams_team_id_seq
ALTER SEQUENCE teams_team_id_seq OWNED BY NONE;

-- changes: function expire_old_unclaimed_workouts()
CREATE OR REPLACE FUNCTION expire_old_unclaimed_workouts() RETURNS integer LANGUAGE sql AS 'SELECT
    1';

-- changes: function expire_old_unclaimed_workouts()
ALTER FUNCTION expire_old_unclaimed_workouts() SECURITY DEFINER;

-- changes: function expire_old_unclaimed_workouts()
ALTER FUNCTION expire_old_unclaimed_workouts() STABLE;

-- changes: function expire_old_unclaimed_workouts()
ALTER FUNCTION expire_old_unclaimed_workouts() SET work_mem = '8MB';

-- changes: function expire_old_unclaimed_workouts()
DROP FUNCTION expire_old_unclaimed_workouts();
CREATE FUNCTION expire_old_unclaimed_workouts() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';

-- changes: view user_workout_summaries
CREATE OR REPLACE VIEW user_workout_summaries AS SELECT id AS user_id, 0::bigint AS
    total_claimed_workouts, 0::bigint AS linked_devices, 0::bigint AS voice_profiles_count, last_login
    AS last_workout_claimed, last_login AS last_device_activity, 0::bigint AS workouts_this_week,
    0::bigint AS auto_matched_workouts FROM app_users;

-- changes: view user_workout_summaries
DROP VIEW user_workout_summaries;
CREATE VIEW user_workout_summaries AS SELECT 1 AS user_id;

-- changes: view user_workout_summaries
ALTER VIEW user_workout_summaries SET (security_barrier = true);

-- changes: trigger teams.teams_invite_code_trigger
ALTER TABLE teams DISABLE TRIGGER teams_invite_code_trigger;

-- changes: trigger teams.teams_invite_code_trigger
ALTER TABLE teams ENABLE ALWAYS TRIGGER teams_invite_code_trigger;

-- changes: trigger teams.teams_invite_code_trigger
CREATE OR REPLACE TRIGGER teams_invite_code_trigger BEFORE INSERT OR UPDATE ON teams FOR EACH ROW
    EXECUTE FUNCTION set_invite_code();

-- changes: comment table users
COMMENT ON TABLE users IS 'somebody else';
