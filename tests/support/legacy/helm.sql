-- What the Helm chart made: 16 tables, six functions, two triggers and a view of its own.

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    device_uuid VARCHAR(255) UNIQUE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    total_workouts INTEGER DEFAULT 0
);
CREATE INDEX idx_users_device_uuid ON users (device_uuid);

CREATE TABLE app_users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    passphrase_hash VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_login TIMESTAMP WITH TIME ZONE,
    is_active BOOLEAN DEFAULT TRUE
);
CREATE INDEX idx_app_users_passphrase ON app_users (passphrase_hash);
CREATE INDEX idx_app_users_active ON app_users (is_active) WHERE is_active = TRUE;

CREATE TABLE workout_sessions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_date DATE NOT NULL,
    session_start_time TIMESTAMP WITH TIME ZONE,
    session_end_time TIMESTAMP WITH TIME ZONE,
    session_duration_minutes INTEGER,
    total_recordings INTEGER DEFAULT 0,
    total_exercises INTEGER DEFAULT 0,
    session_status VARCHAR(50) DEFAULT 'pending',
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_workout_sessions_user_id ON workout_sessions (user_id);
CREATE INDEX idx_workout_sessions_date ON workout_sessions (session_date);
CREATE INDEX idx_workout_sessions_status ON workout_sessions (session_status);

CREATE TABLE audio_files (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    original_filename VARCHAR(255) NOT NULL,
    file_path VARCHAR(500) NOT NULL,
    file_size BIGINT NOT NULL,
    duration_seconds DECIMAL(10, 2),
    upload_timestamp TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    processed BOOLEAN DEFAULT FALSE,
    transcription_status VARCHAR(50) DEFAULT 'pending',
    session_id UUID REFERENCES workout_sessions (id),
    voice_embedding FLOAT8 [],
    voice_extracted BOOLEAN DEFAULT FALSE,
    voice_quality_score DECIMAL(5, 4),
    transcription_text TEXT
);
CREATE INDEX idx_audio_files_user_id ON audio_files (user_id);
CREATE INDEX idx_audio_files_processed ON audio_files (processed);
CREATE INDEX idx_audio_files_upload_timestamp ON audio_files (upload_timestamp);
CREATE INDEX idx_audio_files_transcription_status ON audio_files (transcription_status);
CREATE INDEX idx_audio_files_session_id ON audio_files (session_id);
CREATE INDEX idx_audio_files_voice_extracted ON audio_files (voice_extracted);

CREATE TABLE voice_profiles (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    embedding_vector FLOAT8 [] NOT NULL,
    confidence_score DECIMAL(5, 4) NOT NULL,
    created_from_workout_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE
);
CREATE INDEX idx_voice_profiles_user_id ON voice_profiles (user_id);
CREATE INDEX idx_voice_profiles_active ON voice_profiles (is_active) WHERE is_active = TRUE;

CREATE TABLE speaker_verifications (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    voice_profile_id UUID REFERENCES voice_profiles (id) ON DELETE SET NULL,
    similarity_score DECIMAL(5, 4) NOT NULL,
    confidence_level VARCHAR(20) NOT NULL,
    auto_linked BOOLEAN DEFAULT FALSE,
    verified_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_speaker_verifications_audio_file_id ON speaker_verifications (audio_file_id);
CREATE INDEX idx_speaker_verifications_voice_profile_id ON speaker_verifications (voice_profile_id);

CREATE TABLE user_devices (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    device_uuid VARCHAR(255) NOT NULL,
    first_claimed_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    device_name VARCHAR(255),
    is_active BOOLEAN DEFAULT TRUE,
    UNIQUE (user_id, device_uuid)
);
CREATE INDEX idx_user_devices_user_id ON user_devices (user_id);
CREATE INDEX idx_user_devices_device_uuid ON user_devices (device_uuid);
CREATE INDEX idx_user_devices_active ON user_devices (is_active) WHERE is_active = TRUE;
CREATE INDEX idx_user_devices_device_uuid_suffix ON user_devices (RIGHT(device_uuid, 4));

CREATE TABLE transcriptions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    raw_text TEXT NOT NULL,
    confidence_score DECIMAL(5, 4),
    processing_time_ms INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_transcriptions_audio_file_id ON transcriptions (audio_file_id);

CREATE TABLE session_audio_files (
    session_id UUID NOT NULL REFERENCES workout_sessions (id) ON DELETE CASCADE,
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    recording_order INTEGER NOT NULL,
    time_offset_minutes DECIMAL(8, 2),
    PRIMARY KEY (session_id, audio_file_id)
);
CREATE INDEX idx_session_audio_files_session_id ON session_audio_files (session_id);
CREATE INDEX idx_session_audio_files_audio_file_id ON session_audio_files (audio_file_id);

CREATE TABLE workouts (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    transcription_id UUID REFERENCES transcriptions (id) ON DELETE SET NULL,
    session_id UUID REFERENCES workout_sessions (id) ON DELETE CASCADE,
    workout_date DATE NOT NULL,
    workout_start_time TIME,
    workout_duration_minutes INTEGER,
    total_exercises INTEGER DEFAULT 0,
    claim_status VARCHAR(50) DEFAULT 'unclaimed',
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_workouts_user_id ON workouts (user_id);
CREATE INDEX idx_workouts_date ON workouts (workout_date);
CREATE INDEX idx_workouts_session_id ON workouts (session_id);
CREATE INDEX idx_workouts_claim_status ON workouts (claim_status);

CREATE TABLE exercises (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    workout_id UUID NOT NULL REFERENCES workouts (id) ON DELETE CASCADE,
    exercise_name VARCHAR(255) NOT NULL,
    exercise_type VARCHAR(100),
    muscle_groups TEXT [],
    sets INTEGER,
    reps INTEGER [],
    weight_lbs DECIMAL [],
    duration_minutes DECIMAL(8, 2),
    distance_miles DECIMAL(8, 2),
    effort_level INTEGER CHECK (effort_level >= 1 AND effort_level <= 10),
    rest_seconds INTEGER,
    notes TEXT,
    order_in_workout INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_exercises_workout_id ON exercises (workout_id);
CREATE INDEX idx_exercises_name ON exercises (exercise_name);
CREATE INDEX idx_exercises_muscle_groups ON exercises USING gin (muscle_groups);

CREATE TABLE user_progress (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise_name VARCHAR(255) NOT NULL,
    metric_type VARCHAR(50) NOT NULL,
    metric_value DECIMAL(10, 2) NOT NULL,
    recorded_date DATE NOT NULL,
    workout_id UUID REFERENCES workouts (id),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_user_progress_user_id ON user_progress (user_id);
CREATE INDEX idx_user_progress_exercise ON user_progress (exercise_name);
CREATE INDEX idx_user_progress_date ON user_progress (recorded_date);

CREATE TABLE workout_claims (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    workout_id UUID NOT NULL UNIQUE REFERENCES workouts (id) ON DELETE CASCADE,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence DECIMAL(5, 4)
);
CREATE INDEX idx_workout_claims_user_id ON workout_claims (user_id);
CREATE INDEX idx_workout_claims_workout_id ON workout_claims (workout_id);

CREATE TABLE session_claims (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    session_id UUID NOT NULL UNIQUE REFERENCES workout_sessions (id) ON DELETE CASCADE,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence DECIMAL(5, 4)
);
CREATE INDEX idx_session_claims_user_id ON session_claims (user_id);
CREATE INDEX idx_session_claims_session_id ON session_claims (session_id);

CREATE TABLE teams (
    team_id SERIAL PRIMARY KEY,
    team_name VARCHAR(255) NOT NULL,
    team_description TEXT,
    creator_user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    invite_code VARCHAR(32) UNIQUE NOT NULL,
    allow_public_view BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_teams_invite_code ON teams (invite_code);
CREATE INDEX idx_teams_creator ON teams (creator_user_id);

CREATE TABLE team_memberships (
    membership_id SERIAL PRIMARY KEY,
    team_id INTEGER NOT NULL REFERENCES teams (team_id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    display_name VARCHAR(255),
    role VARCHAR(50) DEFAULT 'member',
    joined_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (team_id, user_id)
);
CREATE INDEX idx_team_memberships_team_id ON team_memberships (team_id);
CREATE INDEX idx_team_memberships_user_id ON team_memberships (user_id);

CREATE FUNCTION search_devices_by_last4(last4_digits VARCHAR) RETURNS TABLE (
    device_uuid VARCHAR, last_seen TIMESTAMP WITH TIME ZONE, unclaimed_count INTEGER
) AS $$
BEGIN
    RETURN QUERY
    SELECT u.device_uuid, u.last_seen, u.total_workouts FROM users u WHERE u.device_uuid LIKE '%' || last4_digits;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION claim_workout(p_workout_id UUID, p_user_id UUID, p_method TEXT DEFAULT 'manual')
RETURNS BOOLEAN AS $$
BEGIN
    INSERT INTO workout_claims (user_id, workout_id, claim_method) VALUES (p_user_id, p_workout_id, p_method);
    RETURN TRUE;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION get_unclaimed_workouts_for_device(target_device_uuid VARCHAR) RETURNS TABLE (
    workout_id UUID,
    workout_date DATE,
    total_exercises INTEGER,
    duration_minutes INTEGER,
    audio_filename VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE
) AS $$
BEGIN
    RETURN QUERY
    SELECT w.id, w.workout_date, w.total_exercises, w.workout_duration_minutes, af.original_filename, w.created_at
    FROM workouts w JOIN users u ON w.user_id = u.id JOIN audio_files af ON w.audio_file_id = af.id
    WHERE u.device_uuid = target_device_uuid AND w.claim_status = 'unclaimed'
        AND w.created_at > CURRENT_TIMESTAMP - INTERVAL '30 days'
    ORDER BY w.created_at DESC;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION generate_invite_code() RETURNS VARCHAR AS $$
BEGIN
    RETURN UPPER(SUBSTRING(MD5(RANDOM()::TEXT) FROM 1 FOR 8));
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION set_invite_code() RETURNS TRIGGER AS $$
BEGIN
    IF NEW.invite_code IS NULL OR NEW.invite_code = '' THEN
        NEW.invite_code := generate_invite_code();
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION update_updated_at_column() RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER teams_invite_code_trigger
BEFORE INSERT ON teams
FOR EACH ROW EXECUTE FUNCTION set_invite_code();

CREATE TRIGGER teams_updated_at_trigger
BEFORE UPDATE ON teams
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE VIEW user_workout_summaries AS
SELECT
    au.id,
    COUNT(wc.id)::INTEGER AS workouts,
    SUM(e.duration_minutes) AS minutes
FROM app_users au
LEFT JOIN workout_claims wc ON au.id = wc.user_id
LEFT JOIN exercises e ON wc.workout_id = e.workout_id
GROUP BY au.id;
