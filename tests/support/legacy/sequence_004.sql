-- Migration 004 on top of the sessions: people, voices, claims and the library.

CREATE TABLE app_users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    passphrase_hash VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_login TIMESTAMP WITH TIME ZONE,
    is_active BOOLEAN DEFAULT TRUE
);

CREATE TABLE voice_profiles (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    embedding_vector FLOAT8 [] NOT NULL,
    confidence_score DECIMAL(5, 4) NOT NULL,
    created_from_workout_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE
);

CREATE TABLE speaker_verifications (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    voice_profile_id UUID REFERENCES voice_profiles (id) ON DELETE SET NULL,
    similarity_score DECIMAL(5, 4) NOT NULL,
    confidence_level VARCHAR(20) NOT NULL,
    auto_linked BOOLEAN DEFAULT FALSE,
    verified_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

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

CREATE TABLE workout_claims (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    workout_id UUID NOT NULL UNIQUE REFERENCES workouts (id) ON DELETE CASCADE,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence DECIMAL(5, 4)
);

CREATE TABLE session_claims (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    session_id UUID NOT NULL UNIQUE REFERENCES workout_sessions (id) ON DELETE CASCADE,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    claim_method VARCHAR(50) NOT NULL,
    voice_match_confidence DECIMAL(5, 4)
);

CREATE TABLE exercise_library (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    name VARCHAR(255) NOT NULL UNIQUE,
    category VARCHAR(100),
    primary_muscle_groups TEXT [],
    secondary_muscle_groups TEXT [],
    equipment_needed TEXT [],
    instructions TEXT,
    difficulty_level INTEGER CHECK (difficulty_level >= 1 AND difficulty_level <= 5),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

ALTER TABLE users
ADD COLUMN migrated_to_app_user_id UUID REFERENCES app_users (id),
ADD COLUMN migration_status VARCHAR(50) DEFAULT 'pending';
ALTER TABLE audio_files
ADD COLUMN voice_embedding FLOAT8 [],
ADD COLUMN voice_extracted BOOLEAN DEFAULT FALSE,
ADD COLUMN voice_quality_score DECIMAL(5, 4);
ALTER TABLE workout_sessions ADD COLUMN claim_status VARCHAR(50) DEFAULT 'unclaimed';
ALTER TABLE workouts ADD COLUMN claim_status VARCHAR(50) DEFAULT 'unclaimed';

CREATE INDEX idx_app_users_passphrase ON app_users (passphrase_hash);
CREATE INDEX idx_voice_profiles_user_id ON voice_profiles (user_id);
CREATE INDEX idx_voice_profiles_active ON voice_profiles (is_active) WHERE is_active = TRUE;
CREATE INDEX idx_speaker_verifications_audio_file_id ON speaker_verifications (audio_file_id);
CREATE INDEX idx_speaker_verifications_voice_profile_id ON speaker_verifications (voice_profile_id);
CREATE INDEX idx_user_devices_user_id ON user_devices (user_id);
CREATE INDEX idx_user_devices_device_uuid ON user_devices (device_uuid);
CREATE INDEX idx_user_devices_active ON user_devices (is_active) WHERE is_active = TRUE;
CREATE INDEX idx_user_devices_device_uuid_suffix ON user_devices (RIGHT(device_uuid, 4));
CREATE INDEX idx_audio_files_voice_extracted ON audio_files (voice_extracted);
CREATE INDEX idx_workout_sessions_claim_status ON workout_sessions (claim_status);
CREATE INDEX idx_workouts_claim_status ON workouts (claim_status);
CREATE INDEX idx_workout_claims_user_id ON workout_claims (user_id);
CREATE INDEX idx_workout_claims_workout_id ON workout_claims (workout_id);
CREATE INDEX idx_session_claims_user_id ON session_claims (user_id);
CREATE INDEX idx_session_claims_session_id ON session_claims (session_id);

CREATE FUNCTION update_device_last_seen() RETURNS TRIGGER AS $$
BEGIN
    UPDATE user_devices SET last_seen = NEW.upload_timestamp
    WHERE device_uuid = (SELECT device_uuid FROM users WHERE id = NEW.user_id);
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trigger_update_device_last_seen
AFTER INSERT ON audio_files
FOR EACH ROW EXECUTE FUNCTION update_device_last_seen();

CREATE FUNCTION search_devices_by_last4(last4_digits VARCHAR) RETURNS TABLE (
    device_uuid VARCHAR,
    device_name VARCHAR,
    last_seen TIMESTAMP WITH TIME ZONE,
    unclaimed_workouts_count BIGINT,
    unclaimed_sessions_count BIGINT
) AS $$
BEGIN
    RETURN QUERY
    SELECT ud.device_uuid, ud.device_name, ud.last_seen, 0::BIGINT, 0::BIGINT
    FROM user_devices ud WHERE RIGHT(ud.device_uuid, 4) = last4_digits;
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

CREATE FUNCTION claim_workout(
    p_user_id UUID,
    p_workout_id UUID,
    p_claim_method VARCHAR DEFAULT 'manual',
    p_voice_confidence NUMERIC DEFAULT NULL
) RETURNS BOOLEAN AS $$
BEGIN
    IF (SELECT claim_status FROM workouts WHERE id = p_workout_id) != 'unclaimed' THEN
        RAISE EXCEPTION 'Workout already claimed';
    END IF;
    INSERT INTO workout_claims (user_id, workout_id, claim_method, voice_match_confidence)
    VALUES (p_user_id, p_workout_id, p_claim_method, p_voice_confidence);
    UPDATE workouts SET claim_status = 'claimed' WHERE id = p_workout_id;
    RETURN TRUE;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION expire_old_unclaimed_workouts() RETURNS INTEGER AS $$
DECLARE
    v_count INTEGER;
BEGIN
    UPDATE workouts SET claim_status = 'expired'
    WHERE claim_status = 'unclaimed' AND created_at < CURRENT_TIMESTAMP - INTERVAL '30 days';
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$ LANGUAGE plpgsql;

CREATE VIEW user_workout_summaries AS
SELECT
    au.id AS user_id,
    COUNT(wc.id) AS total_claimed_workouts,
    COUNT(DISTINCT ud.id) AS linked_devices,
    COUNT(DISTINCT vp.id) AS voice_profiles_count,
    MAX(wc.claimed_at) AS last_workout_claimed,
    MAX(ud.last_seen) AS last_device_activity
FROM app_users au
LEFT JOIN workout_claims wc ON au.id = wc.user_id
LEFT JOIN user_devices ud ON au.id = ud.user_id AND ud.is_active = TRUE
LEFT JOIN voice_profiles vp ON au.id = vp.user_id AND vp.is_active = TRUE
GROUP BY au.id;
