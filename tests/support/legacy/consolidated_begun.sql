-- What was made when the schema script of the consolidated version stopped after workouts.

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    device_uuid VARCHAR(255) UNIQUE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    total_workouts INTEGER DEFAULT 0,
    migrated_to_app_user_id UUID,
    migration_status VARCHAR(50) DEFAULT 'pending'
);
CREATE INDEX idx_users_device_uuid ON users (device_uuid);
CREATE INDEX idx_users_migration_status ON users (migration_status);

CREATE TABLE app_users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    passphrase_hash VARCHAR(255) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_login TIMESTAMP WITH TIME ZONE,
    is_active BOOLEAN DEFAULT TRUE
);
CREATE INDEX idx_app_users_passphrase ON app_users (passphrase_hash);
CREATE INDEX idx_app_users_active ON app_users (is_active) WHERE is_active = TRUE;

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
    audio_file_id UUID NOT NULL,
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

CREATE TABLE device_links (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    device_uuid VARCHAR(255) NOT NULL,
    device_name VARCHAR(255),
    linked_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_activity TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE,
    UNIQUE (user_id, device_uuid)
);
CREATE INDEX idx_device_links_user_id ON device_links (user_id);
CREATE INDEX idx_device_links_device_uuid ON device_links (device_uuid);
CREATE INDEX idx_device_links_active ON device_links (is_active) WHERE is_active = TRUE;
CREATE INDEX idx_device_links_last4 ON device_links (RIGHT(device_uuid, 4));

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
    session_id UUID,
    voice_embedding FLOAT8 [],
    voice_extracted BOOLEAN DEFAULT FALSE,
    voice_quality_score DECIMAL(5, 4)
);
CREATE INDEX idx_audio_files_user_id ON audio_files (user_id);
CREATE INDEX idx_audio_files_processed ON audio_files (processed);
CREATE INDEX idx_audio_files_upload_timestamp ON audio_files (upload_timestamp);
CREATE INDEX idx_audio_files_transcription_status ON audio_files (transcription_status);
CREATE INDEX idx_audio_files_session_id ON audio_files (session_id);
CREATE INDEX idx_audio_files_voice_extracted ON audio_files (voice_extracted);

CREATE TABLE transcriptions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    raw_text TEXT NOT NULL,
    confidence_score DECIMAL(5, 4),
    processing_time_ms INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_transcriptions_audio_file_id ON transcriptions (audio_file_id);

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
    claim_status VARCHAR(50) DEFAULT 'unclaimed',
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_workout_sessions_user_id ON workout_sessions (user_id);
CREATE INDEX idx_workout_sessions_date ON workout_sessions (session_date);
CREATE INDEX idx_workout_sessions_status ON workout_sessions (session_status);
CREATE INDEX idx_workout_sessions_claim_status ON workout_sessions (claim_status);

CREATE TABLE session_audio_files (
    session_id UUID NOT NULL REFERENCES workout_sessions (id) ON DELETE CASCADE,
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    recording_order INTEGER NOT NULL,
    time_offset_minutes DECIMAL(8, 2),
    PRIMARY KEY (session_id, audio_file_id)
);
CREATE INDEX idx_session_audio_files_session_id ON session_audio_files (session_id);
CREATE INDEX idx_session_audio_files_audio_file_id ON session_audio_files (audio_file_id);

CREATE TABLE session_detection_config (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID REFERENCES users (id) ON DELETE CASCADE,
    session_timeout_minutes INTEGER DEFAULT 60,
    min_session_recordings INTEGER DEFAULT 1,
    auto_complete_sessions BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

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
