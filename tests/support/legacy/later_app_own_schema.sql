-- The later app's own schema: tables of the same names with another meaning. It is refused, not adopted.

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    device_uuid VARCHAR(255) UNIQUE NOT NULL,
    email VARCHAR(255) UNIQUE,
    password_hash VARCHAR(255),
    is_active BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE user_profiles (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    display_name VARCHAR(255)
);

CREATE TABLE audio_files (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID REFERENCES users (id) ON DELETE CASCADE,
    device_uuid VARCHAR(255) NOT NULL,
    original_filename VARCHAR(255) NOT NULL,
    file_path VARCHAR(500) NOT NULL,
    file_size BIGINT NOT NULL,
    status VARCHAR(50) NOT NULL DEFAULT 'uploaded',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE transcriptions (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    language VARCHAR(10) DEFAULT 'en',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE workouts (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID REFERENCES users (id) ON DELETE CASCADE,
    audio_file_id UUID REFERENCES audio_files (id) ON DELETE SET NULL,
    device_uuid VARCHAR(255) NOT NULL,
    title VARCHAR(255),
    date_completed TIMESTAMP WITH TIME ZONE NOT NULL,
    duration_seconds INTEGER
);

CREATE TABLE exercises (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    workout_id UUID NOT NULL REFERENCES workouts (id) ON DELETE CASCADE,
    name VARCHAR(255) NOT NULL,
    category VARCHAR(100),
    sets INTEGER,
    reps INTEGER,
    weight DECIMAL(10, 2)
);

CREATE TABLE voice_profiles (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    embedding VECTOR,
    is_active BOOLEAN DEFAULT TRUE
);

CREATE TABLE speaker_verifications (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    audio_file_id UUID NOT NULL REFERENCES audio_files (id) ON DELETE CASCADE,
    embedding VECTOR,
    matched BOOLEAN DEFAULT FALSE
);

CREATE TABLE user_progress (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    metric VARCHAR(50) NOT NULL,
    value DECIMAL(10, 2)
);

INSERT INTO users (id, device_uuid, email)
VALUES ('70000000-0000-4000-8000-000000000001', 'later-phone', 'somebody@example.org');
INSERT INTO audio_files (id, device_uuid, original_filename, file_path, file_size)
VALUES ('f0000000-0000-4000-8000-000000000001', 'later-phone', 'a.wav', 'uploads/a.wav', 1);
INSERT INTO workouts (id, device_uuid, date_completed)
VALUES ('70000000-0000-4000-8000-000000000002', 'later-phone', '2024-05-01 10:00+00');
INSERT INTO exercises (workout_id, name, reps)
VALUES ('70000000-0000-4000-8000-000000000002', 'Squats', 10);
