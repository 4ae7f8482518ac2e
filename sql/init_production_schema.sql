-- The tables of MORSE: columns, constraints, indexes, sequences and comments, always in their current state.
-- An existing database reaches this state by sql/migrations/; see sql/README.md before changing anything here.

CREATE TABLE IF NOT EXISTS app_users (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    passphrase_hash VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    last_login TIMESTAMPTZ,
    is_active BOOLEAN DEFAULT TRUE,
    CONSTRAINT app_users_pkey PRIMARY KEY (id)
);

CREATE INDEX IF NOT EXISTS idx_app_users_passphrase ON app_users (passphrase_hash);
CREATE INDEX IF NOT EXISTS idx_app_users_active ON app_users (is_active) WHERE is_active = TRUE;

COMMENT ON TABLE app_users IS
'People who signed in with a passphrase; a person owns what was claimed, while a device only recorded it.';
COMMENT ON COLUMN app_users.passphrase_hash IS 'bcrypt hash; two people may have the same passphrase.';
COMMENT ON COLUMN app_users.is_active IS 'False once the account is closed; it can then claim nothing.';

CREATE TABLE IF NOT EXISTS users (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    device_uuid VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    total_workouts INTEGER DEFAULT 0,
    migrated_to_app_user_id UUID,
    migration_status VARCHAR(50) DEFAULT 'pending',
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_device_uuid_key UNIQUE (device_uuid),
    CONSTRAINT fk_users_app_users FOREIGN KEY (migrated_to_app_user_id)
    REFERENCES app_users (id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS idx_users_device_uuid ON users (device_uuid);
CREATE INDEX IF NOT EXISTS idx_users_device_uuid_suffix ON users (lower(right(device_uuid::TEXT, 4)));
CREATE INDEX IF NOT EXISTS idx_users_migrated_to_app_user_id ON users (migrated_to_app_user_id);
CREATE INDEX IF NOT EXISTS idx_users_migration_status ON users (migration_status);

COMMENT ON TABLE users IS
'Recording devices, one row each; the name dates from the time before people could sign in (see app_users).';
COMMENT ON COLUMN users.device_uuid IS
'Identifier the device gave itself, usually a UUID; people search for a device by its last four characters.';
COMMENT ON COLUMN users.migrated_to_app_user_id IS 'Person who took over everything this device recorded, if any.';
COMMENT ON COLUMN users.migration_status IS 'How far that takeover is, in the words of the API; pending at first.';

CREATE TABLE IF NOT EXISTS workout_sessions (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    session_date DATE NOT NULL,
    session_start_time TIMESTAMPTZ,
    session_end_time TIMESTAMPTZ,
    session_duration_minutes INTEGER,
    total_recordings INTEGER DEFAULT 0,
    total_exercises INTEGER DEFAULT 0,
    session_status VARCHAR(50) DEFAULT 'pending',
    claim_status VARCHAR(50) DEFAULT 'unclaimed',
    notes TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT workout_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT workout_sessions_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_workout_sessions_user_id ON workout_sessions (user_id);
CREATE INDEX IF NOT EXISTS idx_workout_sessions_date ON workout_sessions (session_date);
CREATE INDEX IF NOT EXISTS idx_workout_sessions_status ON workout_sessions (session_status);
CREATE INDEX IF NOT EXISTS idx_workout_sessions_claim_status ON workout_sessions (claim_status);

COMMENT ON TABLE workout_sessions IS
'Recordings of one device that belong together because they follow each other closely in time.';
COMMENT ON COLUMN workout_sessions.user_id IS 'Device that recorded the session.';
COMMENT ON COLUMN workout_sessions.session_start_time IS 'Upload time of the first recording.';
COMMENT ON COLUMN workout_sessions.session_end_time IS 'Upload time of the last recording.';
COMMENT ON COLUMN workout_sessions.total_recordings IS 'Number of rows in session_audio_files, kept by the functions.';
COMMENT ON COLUMN workout_sessions.session_status IS 'pending, processing, completed or failed.';
COMMENT ON COLUMN workout_sessions.claim_status IS 'unclaimed, claimed or expired; NULL counts as unclaimed.';

CREATE TABLE IF NOT EXISTS audio_files (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    original_filename VARCHAR(255) NOT NULL,
    file_path VARCHAR(500) NOT NULL,
    file_size BIGINT NOT NULL,
    duration_seconds NUMERIC(10, 2),
    upload_timestamp TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    processed BOOLEAN DEFAULT FALSE,
    transcription_status VARCHAR(50) DEFAULT 'pending',
    session_id UUID,
    voice_embedding DOUBLE PRECISION[],
    voice_extracted BOOLEAN DEFAULT FALSE,
    voice_quality_score NUMERIC(5, 4),
    CONSTRAINT audio_files_pkey PRIMARY KEY (id),
    CONSTRAINT audio_files_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_audio_files_session FOREIGN KEY (session_id)
    REFERENCES workout_sessions (id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS idx_audio_files_user_id ON audio_files (user_id);
CREATE INDEX IF NOT EXISTS idx_audio_files_processed ON audio_files (processed);
CREATE INDEX IF NOT EXISTS idx_audio_files_upload_timestamp ON audio_files (upload_timestamp);
CREATE INDEX IF NOT EXISTS idx_audio_files_transcription_status ON audio_files (transcription_status);
CREATE INDEX IF NOT EXISTS idx_audio_files_session_id ON audio_files (session_id);
CREATE INDEX IF NOT EXISTS idx_audio_files_voice_extracted ON audio_files (voice_extracted);

COMMENT ON TABLE audio_files IS 'Uploaded recordings; the sound itself lies in the file store.';
COMMENT ON COLUMN audio_files.user_id IS 'Device that recorded it.';
COMMENT ON COLUMN audio_files.file_path IS 'Where the file store keeps the sound.';
COMMENT ON COLUMN audio_files.file_size IS 'Size in bytes.';
COMMENT ON COLUMN audio_files.processed IS 'True once the worker has finished with the recording.';
COMMENT ON COLUMN audio_files.transcription_status IS 'queued, pending, processing, completed or failed.';
COMMENT ON COLUMN audio_files.session_id IS 'Session the recording was put into; set by the API, not by the functions.';
COMMENT ON COLUMN audio_files.voice_embedding IS 'Voice of the speaker: 192 numbers of an ECAPA-TDNN model.';
COMMENT ON COLUMN audio_files.voice_extracted IS 'True once the worker has computed the embedding.';
COMMENT ON COLUMN audio_files.voice_quality_score IS 'How far the embedding can be trusted, 0 to 1.';

CREATE TABLE IF NOT EXISTS voice_profiles (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    embedding_vector DOUBLE PRECISION[] NOT NULL,
    confidence_score NUMERIC(5, 4) NOT NULL,
    created_from_workout_id UUID,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE,
    CONSTRAINT voice_profiles_pkey PRIMARY KEY (id),
    CONSTRAINT voice_profiles_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_voice_profiles_user_id ON voice_profiles (user_id);
CREATE INDEX IF NOT EXISTS idx_voice_profiles_active ON voice_profiles (is_active) WHERE is_active = TRUE;

COMMENT ON TABLE voice_profiles IS 'Known voices of people, by which new recordings are recognised.';
COMMENT ON COLUMN voice_profiles.user_id IS 'Person whose voice it is.';
COMMENT ON COLUMN voice_profiles.embedding_vector IS 'The voice: 192 numbers of an ECAPA-TDNN model.';
COMMENT ON COLUMN voice_profiles.confidence_score IS 'How far the profile can be trusted, 0 to 1.';
COMMENT ON COLUMN voice_profiles.created_from_workout_id IS
'Workout whose recording it was made from; no foreign key, the profile outlives that workout.';
COMMENT ON COLUMN voice_profiles.is_active IS 'False once a newer profile replaced it; it then matches nothing.';

CREATE TABLE IF NOT EXISTS speaker_verifications (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    audio_file_id UUID NOT NULL,
    voice_profile_id UUID,
    similarity_score NUMERIC(5, 4) NOT NULL,
    confidence_level VARCHAR(20) NOT NULL,
    auto_linked BOOLEAN DEFAULT FALSE,
    verified_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT speaker_verifications_pkey PRIMARY KEY (id),
    CONSTRAINT fk_speaker_verifications_audio FOREIGN KEY (audio_file_id)
    REFERENCES audio_files (id) ON DELETE CASCADE,
    CONSTRAINT speaker_verifications_voice_profile_id_fkey FOREIGN KEY (voice_profile_id)
    REFERENCES voice_profiles (id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS idx_speaker_verifications_audio_file_id ON speaker_verifications (audio_file_id);
CREATE INDEX IF NOT EXISTS idx_speaker_verifications_voice_profile_id ON speaker_verifications (voice_profile_id);

COMMENT ON TABLE speaker_verifications IS
'Log of comparisons between a recording and a voice profile, one row for each comparison.';
COMMENT ON COLUMN speaker_verifications.similarity_score IS 'Cosine similarity of the two voices, -1 to 1.';
COMMENT ON COLUMN speaker_verifications.confidence_level IS 'high, medium, low or no_match.';
COMMENT ON COLUMN speaker_verifications.auto_linked IS 'True if the comparison gave the workout to the person.';

CREATE TABLE IF NOT EXISTS user_devices (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    device_uuid VARCHAR(255) NOT NULL,
    first_claimed_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    device_name VARCHAR(255),
    is_active BOOLEAN DEFAULT TRUE,
    CONSTRAINT user_devices_pkey PRIMARY KEY (id),
    CONSTRAINT user_devices_user_id_device_uuid_key UNIQUE (user_id, device_uuid),
    CONSTRAINT user_devices_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_user_devices_user_id ON user_devices (user_id);
CREATE INDEX IF NOT EXISTS idx_user_devices_device_uuid ON user_devices (device_uuid);
CREATE INDEX IF NOT EXISTS idx_user_devices_active ON user_devices (is_active) WHERE is_active = TRUE;
CREATE INDEX IF NOT EXISTS idx_user_devices_device_uuid_suffix ON user_devices (right(device_uuid::TEXT, 4));

COMMENT ON TABLE user_devices IS 'Devices from which a person has claimed a workout.';
COMMENT ON COLUMN user_devices.user_id IS 'Person who claimed.';
COMMENT ON COLUMN user_devices.device_uuid IS 'users.device_uuid of the device; no foreign key.';
COMMENT ON COLUMN user_devices.last_seen IS 'Latest claim or upload from the device.';

CREATE TABLE IF NOT EXISTS device_links (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    device_uuid VARCHAR(255) NOT NULL,
    device_name VARCHAR(255),
    linked_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    last_activity TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE,
    CONSTRAINT device_links_pkey PRIMARY KEY (id),
    CONSTRAINT device_links_user_id_device_uuid_key UNIQUE (user_id, device_uuid),
    CONSTRAINT device_links_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_device_links_user_id ON device_links (user_id);
CREATE INDEX IF NOT EXISTS idx_device_links_device_uuid ON device_links (device_uuid);
CREATE INDEX IF NOT EXISTS idx_device_links_active ON device_links (is_active) WHERE is_active = TRUE;
CREATE INDEX IF NOT EXISTS idx_device_links_last4 ON device_links (right(device_uuid::TEXT, 4));

COMMENT ON TABLE device_links IS
'Devices a person has deliberately linked to the account; only these are matched by voice.';
COMMENT ON COLUMN device_links.user_id IS 'Person who linked the device.';
COMMENT ON COLUMN device_links.device_uuid IS 'users.device_uuid of the device; no foreign key.';
COMMENT ON COLUMN device_links.last_activity IS 'Latest linking or upload of the device.';
COMMENT ON COLUMN device_links.is_active IS 'False once the person has unlinked the device.';

CREATE TABLE IF NOT EXISTS transcriptions (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    audio_file_id UUID NOT NULL,
    raw_text TEXT NOT NULL,
    confidence_score NUMERIC(5, 4),
    processing_time_ms INTEGER,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT transcriptions_pkey PRIMARY KEY (id),
    CONSTRAINT transcriptions_audio_file_id_fkey FOREIGN KEY (audio_file_id)
    REFERENCES audio_files (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_transcriptions_audio_file_id ON transcriptions (audio_file_id);

COMMENT ON TABLE transcriptions IS 'What was said in a recording.';
COMMENT ON COLUMN transcriptions.raw_text IS 'The words as recognised, before exercises are read out of them.';
COMMENT ON COLUMN transcriptions.confidence_score IS 'How sure the recogniser is, 0 to 1.';
COMMENT ON COLUMN transcriptions.processing_time_ms IS 'Time the recogniser took, in milliseconds.';

CREATE TABLE IF NOT EXISTS session_audio_files (
    session_id UUID NOT NULL,
    audio_file_id UUID NOT NULL,
    recording_order INTEGER NOT NULL,
    time_offset_minutes NUMERIC(8, 2),
    CONSTRAINT session_audio_files_pkey PRIMARY KEY (session_id, audio_file_id),
    CONSTRAINT session_audio_files_session_id_fkey FOREIGN KEY (session_id)
    REFERENCES workout_sessions (id) ON DELETE CASCADE,
    CONSTRAINT session_audio_files_audio_file_id_fkey FOREIGN KEY (audio_file_id)
    REFERENCES audio_files (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_session_audio_files_session_id ON session_audio_files (session_id);
CREATE INDEX IF NOT EXISTS idx_session_audio_files_audio_file_id ON session_audio_files (audio_file_id);

COMMENT ON TABLE session_audio_files IS 'Which recordings make up a session.';
COMMENT ON COLUMN session_audio_files.recording_order IS
'Order in which recordings were added, from 1; gaps remain after deletions.';
COMMENT ON COLUMN session_audio_files.time_offset_minutes IS 'Minutes from the start of the session to the upload.';

CREATE TABLE IF NOT EXISTS session_detection_config (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID,
    session_timeout_minutes INTEGER DEFAULT 60,
    min_session_recordings INTEGER DEFAULT 1,
    auto_complete_sessions BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT session_detection_config_pkey PRIMARY KEY (id),
    CONSTRAINT session_detection_config_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_session_detection_config_user_id ON session_detection_config (user_id);

COMMENT ON TABLE session_detection_config IS 'How the API groups recordings into sessions.';
COMMENT ON COLUMN session_detection_config.user_id IS 'Device the row applies to; NULL means every device.';
COMMENT ON COLUMN session_detection_config.session_timeout_minutes IS
'Longest pause between two recordings of one session.';
COMMENT ON COLUMN session_detection_config.min_session_recordings IS 'Fewest recordings that make a session.';
COMMENT ON COLUMN session_detection_config.auto_complete_sessions IS
'Whether a session is completed by itself after the pause.';

CREATE TABLE IF NOT EXISTS workouts (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    audio_file_id UUID,
    transcription_id UUID,
    session_id UUID,
    workout_date DATE NOT NULL,
    workout_start_time TIME,
    workout_duration_minutes INTEGER,
    total_exercises INTEGER DEFAULT 0,
    claim_status VARCHAR(50) DEFAULT 'unclaimed',
    notes TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT workouts_pkey PRIMARY KEY (id),
    CONSTRAINT workouts_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT workouts_audio_file_id_fkey FOREIGN KEY (audio_file_id)
    REFERENCES audio_files (id) ON DELETE CASCADE,
    CONSTRAINT workouts_transcription_id_fkey FOREIGN KEY (transcription_id)
    REFERENCES transcriptions (id) ON DELETE SET NULL,
    CONSTRAINT workouts_session_id_fkey FOREIGN KEY (session_id)
    REFERENCES workout_sessions (id) ON DELETE CASCADE,
    CONSTRAINT workouts_audio_or_session_check CHECK (audio_file_id IS NOT NULL OR session_id IS NOT NULL)
);

CREATE INDEX IF NOT EXISTS idx_workouts_user_id ON workouts (user_id);
CREATE INDEX IF NOT EXISTS idx_workouts_date ON workouts (workout_date);
CREATE INDEX IF NOT EXISTS idx_workouts_session_id ON workouts (session_id);
CREATE INDEX IF NOT EXISTS idx_workouts_claim_status ON workouts (claim_status);
CREATE INDEX IF NOT EXISTS idx_workouts_audio_file_id ON workouts (audio_file_id);
CREATE INDEX IF NOT EXISTS idx_workouts_transcription_id ON workouts (transcription_id);

COMMENT ON TABLE workouts IS 'Workouts read out of one recording, or out of the recordings of a session.';
COMMENT ON COLUMN workouts.user_id IS 'Device that recorded it; the person who claimed it stands in workout_claims.';
COMMENT ON COLUMN workouts.audio_file_id IS 'Recording it comes from; NULL if it comes from a whole session.';
COMMENT ON COLUMN workouts.session_id IS 'Session it comes from or belongs to.';
COMMENT ON COLUMN workouts.claim_status IS 'unclaimed, claimed or expired; NULL counts as unclaimed.';

CREATE TABLE IF NOT EXISTS exercises (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    workout_id UUID NOT NULL,
    exercise_name VARCHAR(255) NOT NULL,
    exercise_type VARCHAR(100),
    muscle_groups TEXT[],
    sets INTEGER,
    reps INTEGER[],
    weight_lbs NUMERIC[],
    duration_minutes NUMERIC(10, 2),
    distance_miles NUMERIC(10, 2),
    effort_level INTEGER,
    rest_seconds INTEGER,
    notes TEXT,
    order_in_workout INTEGER,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT exercises_pkey PRIMARY KEY (id),
    CONSTRAINT exercises_workout_id_fkey FOREIGN KEY (workout_id)
    REFERENCES workouts (id) ON DELETE CASCADE,
    CONSTRAINT exercises_effort_level_check CHECK (effort_level >= 1 AND effort_level <= 10)
);

CREATE INDEX IF NOT EXISTS idx_exercises_workout_id ON exercises (workout_id);
CREATE INDEX IF NOT EXISTS idx_exercises_name ON exercises (exercise_name);
CREATE INDEX IF NOT EXISTS idx_exercises_muscle_groups ON exercises USING gin (muscle_groups);

COMMENT ON TABLE exercises IS 'What was done in a workout, one row for each exercise.';
COMMENT ON COLUMN exercises.reps IS 'Repetitions, one number for each set.';
COMMENT ON COLUMN exercises.weight_lbs IS 'Weights in pounds, one number for each set.';
COMMENT ON COLUMN exercises.effort_level IS 'How hard it felt, from 1 to 10.';
COMMENT ON COLUMN exercises.rest_seconds IS 'Rest between two sets.';

CREATE TABLE IF NOT EXISTS exercise_library (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    name VARCHAR(255) NOT NULL,
    category VARCHAR(100),
    primary_muscle_groups TEXT[],
    secondary_muscle_groups TEXT[],
    equipment_needed TEXT[],
    instructions TEXT,
    difficulty_level INTEGER,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT exercise_library_pkey PRIMARY KEY (id),
    CONSTRAINT exercise_library_name_key UNIQUE (name),
    CONSTRAINT exercise_library_difficulty_level_check CHECK (difficulty_level >= 1 AND difficulty_level <= 5)
);

COMMENT ON TABLE exercise_library IS 'Known exercises, by which the worker names what it hears.';
COMMENT ON COLUMN exercise_library.difficulty_level IS 'From 1, easy, to 5, hard.';

CREATE TABLE IF NOT EXISTS user_progress (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    exercise_name VARCHAR(255) NOT NULL,
    metric_type VARCHAR(50) NOT NULL,
    metric_value NUMERIC(10, 2) NOT NULL,
    recorded_date DATE NOT NULL,
    workout_id UUID,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT user_progress_pkey PRIMARY KEY (id),
    CONSTRAINT user_progress_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_progress_workout_id_fkey FOREIGN KEY (workout_id)
    REFERENCES workouts (id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS idx_user_progress_user_id ON user_progress (user_id);
CREATE INDEX IF NOT EXISTS idx_user_progress_exercise ON user_progress (exercise_name);
CREATE INDEX IF NOT EXISTS idx_user_progress_date ON user_progress (recorded_date);
CREATE INDEX IF NOT EXISTS idx_user_progress_workout_id ON user_progress (workout_id);

COMMENT ON TABLE user_progress IS 'Measured progress of a device in an exercise, one row for each measure and day.';
COMMENT ON COLUMN user_progress.user_id IS 'Device that recorded it.';
COMMENT ON COLUMN user_progress.metric_type IS 'weight, reps, duration or distance.';
COMMENT ON COLUMN user_progress.metric_value IS 'In pounds, repetitions, minutes or miles, as the metric type says.';
COMMENT ON COLUMN user_progress.workout_id IS 'Workout it was measured in; NULL once that was deleted.';

CREATE TABLE IF NOT EXISTS workout_claims (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    workout_id UUID NOT NULL,
    claimed_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence NUMERIC(5, 4),
    CONSTRAINT workout_claims_pkey PRIMARY KEY (id),
    CONSTRAINT workout_claims_workout_id_key UNIQUE (workout_id),
    CONSTRAINT workout_claims_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE,
    CONSTRAINT workout_claims_workout_id_fkey FOREIGN KEY (workout_id)
    REFERENCES workouts (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_workout_claims_user_id ON workout_claims (user_id);
CREATE INDEX IF NOT EXISTS idx_workout_claims_workout_id ON workout_claims (workout_id);

COMMENT ON TABLE workout_claims IS 'Whose workout it is: at most one person for each workout.';
COMMENT ON COLUMN workout_claims.user_id IS 'Person who claimed.';
COMMENT ON COLUMN workout_claims.claim_method IS 'manual, voice_match or device_link.';
COMMENT ON COLUMN workout_claims.voice_match_confidence IS 'Similarity of the voices, 0 to 1, if the voice decided.';

CREATE TABLE IF NOT EXISTS session_claims (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    session_id UUID NOT NULL,
    claimed_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence NUMERIC(5, 4),
    CONSTRAINT session_claims_pkey PRIMARY KEY (id),
    CONSTRAINT session_claims_session_id_key UNIQUE (session_id),
    CONSTRAINT session_claims_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE,
    CONSTRAINT session_claims_session_id_fkey FOREIGN KEY (session_id)
    REFERENCES workout_sessions (id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_session_claims_user_id ON session_claims (user_id);
CREATE INDEX IF NOT EXISTS idx_session_claims_session_id ON session_claims (session_id);

COMMENT ON TABLE session_claims IS 'Whose session it is: at most one person for each session.';
COMMENT ON COLUMN session_claims.user_id IS 'Person who claimed.';
COMMENT ON COLUMN session_claims.claim_method IS 'manual, voice_match or device_link.';
COMMENT ON COLUMN session_claims.voice_match_confidence IS 'Similarity of the voices, 0 to 1, if the voice decided.';

CREATE SEQUENCE IF NOT EXISTS teams_team_id_seq AS INTEGER;

CREATE TABLE IF NOT EXISTS teams (
    team_id INTEGER NOT NULL DEFAULT nextval('teams_team_id_seq'),
    team_name VARCHAR(255) NOT NULL,
    team_description TEXT,
    creator_user_id UUID NOT NULL,
    invite_code VARCHAR(32) NOT NULL,
    allow_public_view BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT teams_pkey PRIMARY KEY (team_id),
    CONSTRAINT teams_invite_code_key UNIQUE (invite_code),
    CONSTRAINT teams_creator_user_id_fkey FOREIGN KEY (creator_user_id)
    REFERENCES app_users (id) ON DELETE CASCADE
);

ALTER SEQUENCE teams_team_id_seq OWNED BY teams.team_id;

CREATE INDEX IF NOT EXISTS idx_teams_invite_code ON teams (invite_code);
CREATE INDEX IF NOT EXISTS idx_teams_creator ON teams (creator_user_id);

COMMENT ON TABLE teams IS 'Groups of people who show each other their workouts.';
COMMENT ON COLUMN teams.invite_code IS 'Code by which people join; a trigger generates it when none is given.';
COMMENT ON COLUMN teams.allow_public_view IS 'Whether people outside the team may see it.';
COMMENT ON COLUMN teams.created_at IS 'Local time of the session that wrote it; the column has no time zone.';
COMMENT ON COLUMN teams.updated_at IS 'Local time of the session that wrote it; the column has no time zone.';

CREATE SEQUENCE IF NOT EXISTS team_memberships_membership_id_seq AS INTEGER;

CREATE TABLE IF NOT EXISTS team_memberships (
    membership_id INTEGER NOT NULL DEFAULT nextval('team_memberships_membership_id_seq'),
    team_id INTEGER NOT NULL,
    user_id UUID NOT NULL,
    display_name VARCHAR(255),
    role VARCHAR(50) DEFAULT 'member',
    joined_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT team_memberships_pkey PRIMARY KEY (membership_id),
    CONSTRAINT team_memberships_team_id_user_id_key UNIQUE (team_id, user_id),
    CONSTRAINT team_memberships_team_id_fkey FOREIGN KEY (team_id)
    REFERENCES teams (team_id) ON DELETE CASCADE,
    CONSTRAINT team_memberships_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES app_users (id) ON DELETE CASCADE
);

ALTER SEQUENCE team_memberships_membership_id_seq OWNED BY team_memberships.membership_id;

CREATE INDEX IF NOT EXISTS idx_team_memberships_team_id ON team_memberships (team_id);
CREATE INDEX IF NOT EXISTS idx_team_memberships_user_id ON team_memberships (user_id);

COMMENT ON TABLE team_memberships IS 'Who belongs to which team.';
COMMENT ON COLUMN team_memberships.display_name IS 'Name the person shows to this team.';
COMMENT ON COLUMN team_memberships.role IS 'admin or member.';
COMMENT ON COLUMN team_memberships.joined_at IS 'Local time of the session that wrote it; the column has no time zone.';
