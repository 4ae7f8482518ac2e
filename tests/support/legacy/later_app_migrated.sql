-- What the later app's own migration made of a database in which it had started once.

ALTER TABLE audio_files DROP COLUMN upload_timestamp, DROP COLUMN processed;
ALTER TABLE workouts DROP CONSTRAINT workouts_transcription_id_fkey;
ALTER TABLE workouts ADD CONSTRAINT workouts_transcription_id_fkey
FOREIGN KEY (transcription_id) REFERENCES transcriptions (id);

ALTER TABLE users
ADD COLUMN email VARCHAR(255) UNIQUE,
ADD COLUMN password_hash VARCHAR(255),
ADD COLUMN is_active BOOLEAN DEFAULT TRUE;
ALTER TABLE audio_files
ADD COLUMN status VARCHAR(50) DEFAULT 'uploaded',
ADD COLUMN mime_type VARCHAR(100),
ADD COLUMN uploaded_at TIMESTAMP WITH TIME ZONE,
ADD COLUMN error_message TEXT;
ALTER TABLE workouts
ADD COLUMN title VARCHAR(255),
ADD COLUMN date_completed TIMESTAMP WITH TIME ZONE,
ADD COLUMN duration_seconds INTEGER,
ADD COLUMN device_uuid VARCHAR(255),
ADD COLUMN calories_burned INTEGER,
ADD COLUMN intensity VARCHAR(50);
ALTER TABLE exercises
ADD COLUMN name VARCHAR(255),
ADD COLUMN category VARCHAR(100),
ADD COLUMN weight DECIMAL(10, 2),
ADD COLUMN weight_unit VARCHAR(10) DEFAULT 'lbs',
ADD COLUMN duration_seconds INTEGER,
ADD COLUMN distance DECIMAL(10, 2),
ADD COLUMN distance_unit VARCHAR(10),
ADD COLUMN order_index INTEGER;
ALTER TABLE transcriptions
ADD COLUMN text TEXT,
ADD COLUMN language VARCHAR(10) DEFAULT 'en',
ADD COLUMN model VARCHAR(100);

CREATE TABLE user_profiles (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    display_name VARCHAR(255),
    preferences JSONB DEFAULT '{}',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_user_profiles_user_id ON user_profiles (user_id);
CREATE INDEX idx_workouts_device_uuid ON workouts (device_uuid);

INSERT INTO users (id, device_uuid, email, password_hash, is_active)
VALUES ('dddddddd-0000-4000-8000-000000000009', 'later-phone', 'somebody@example.org', 'x', NULL);
INSERT INTO user_profiles (user_id, display_name) VALUES ('dddddddd-0000-4000-8000-000000000009', 'Somebody');
INSERT INTO workouts (id, user_id, audio_file_id, workout_date, title, date_completed, device_uuid)
SELECT
    'eeeeeeee-0000-4000-8000-000000000009', user_id, id, '2024-06-01', 'Morning', '2024-06-01 10:00+00', 'later-phone'
FROM audio_files LIMIT 1;
INSERT INTO exercises (workout_id, exercise_name, name, category, weight, order_index)
VALUES ('eeeeeeee-0000-4000-8000-000000000009', 'Squats', 'Squats', 'legs', 101.50, 1);
