-- The rest of the consolidated version's schema, behind workouts.

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

ALTER TABLE users ADD CONSTRAINT fk_users_app_users
FOREIGN KEY (migrated_to_app_user_id) REFERENCES app_users (id);
ALTER TABLE audio_files ADD CONSTRAINT fk_audio_files_session
FOREIGN KEY (session_id) REFERENCES workout_sessions (id);
ALTER TABLE speaker_verifications ADD CONSTRAINT fk_speaker_verifications_audio
FOREIGN KEY (audio_file_id) REFERENCES audio_files (id) ON DELETE CASCADE;
