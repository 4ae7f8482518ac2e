-- Test data for development, loaded by --with-test-data; any number of runs leaves the same rows, under fixed ids.
--
-- A run refreshes dates that are meant relative to it and overwrites nothing else that a developer has changed. Rows
-- are joined to their parents, so what hangs on a deleted or renamed parent is left out instead of failing.

INSERT INTO users (id, device_uuid)
VALUES
('d0000000-0000-4000-8000-000000000001', 'f47ac10b-58cc-4372-a567-0e02b2c4c4b9'),
('d0000000-0000-4000-8000-000000000002', 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d'),
('d0000000-0000-4000-8000-000000000003', '9876543f-210a-4bcd-ef12-3456789abc12'),
('d0000000-0000-4000-8000-000000000004', 'deadbeef-cafe-4bad-face-123456789012'),
('d0000000-0000-4000-8000-000000000005', '12345678-90ab-4cde-f123-456789abcdef')
ON CONFLICT DO NOTHING;

UPDATE users AS u
SET last_seen = CURRENT_TIMESTAMP - seed.age
FROM (
    VALUES
    ('f47ac10b-58cc-4372-a567-0e02b2c4c4b9', INTERVAL '1 hour'),
    ('a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', INTERVAL '1 day'),
    ('9876543f-210a-4bcd-ef12-3456789abc12', INTERVAL '2 days'),
    ('deadbeef-cafe-4bad-face-123456789012', INTERVAL '3 days'),
    ('12345678-90ab-4cde-f123-456789abcdef', INTERVAL '4 days')
) AS seed (device_uuid, age)
WHERE u.device_uuid = seed.device_uuid;

-- The hash is bcrypt, cost 10, of TestPassword123.
INSERT INTO app_users (id, passphrase_hash)
VALUES ('a0000000-0000-4000-8000-000000000001', '$2b$10$IsjMRzfKG/d5vbGRI28LC.vSbTRHZWatMIcGcssxM6vrP/I0qUFeq')
ON CONFLICT DO NOTHING;

INSERT INTO audio_files
(
    id, user_id, original_filename, file_path, file_size, duration_seconds, upload_timestamp, processed,
    transcription_status
)
SELECT
    seed.id::UUID AS id,
    u.id AS user_id,
    seed.original_filename,
    'uploads/' || seed.original_filename AS file_path,
    seed.file_size,
    seed.duration_seconds,
    CURRENT_TIMESTAMP - seed.age AS upload_timestamp,
    TRUE AS processed,
    'completed' AS transcription_status
FROM (
    VALUES
    (
        'f0000000-0000-4000-8000-000000000001', 'f47ac10b-58cc-4372-a567-0e02b2c4c4b9',
        'test_workout_1.wav', 1024000, 45.5, INTERVAL '1 hour'
    ),
    (
        'f0000000-0000-4000-8000-000000000002', 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d',
        'test_workout_2.wav', 2048000, 60.0, INTERVAL '1 day'
    ),
    (
        'f0000000-0000-4000-8000-000000000003', '9876543f-210a-4bcd-ef12-3456789abc12',
        'test_workout_3.wav', 1536000, 52.3, INTERVAL '2 days'
    )
) AS seed (id, device_uuid, original_filename, file_size, duration_seconds, age)
INNER JOIN users AS u ON seed.device_uuid = u.device_uuid
ON CONFLICT (id) DO UPDATE
    SET upload_timestamp = excluded.upload_timestamp;

INSERT INTO transcriptions (id, audio_file_id, raw_text, confidence_score, processing_time_ms, created_at)
SELECT
    seed.id::UUID AS id,
    af.id AS audio_file_id,
    seed.raw_text,
    seed.confidence_score,
    seed.processing_time_ms,
    af.upload_timestamp AS created_at
FROM (
    VALUES
    (
        'c0000000-0000-4000-8000-000000000001', 'f0000000-0000-4000-8000-000000000001',
        'Bench press three sets of ten at 135 pounds, squats three sets of eight at 185, pull-ups two sets of six.',
        0.95, 2500
    ),
    (
        'c0000000-0000-4000-8000-000000000002', 'f0000000-0000-4000-8000-000000000002',
        'Bench press three sets of eight at 155 pounds, squats three sets of five at 225, pull-ups two sets of eight.',
        0.92, 3100
    ),
    (
        'c0000000-0000-4000-8000-000000000003', 'f0000000-0000-4000-8000-000000000003',
        'Bench press three sets of twelve at 115 pounds, squats three sets of ten at 165, pull-ups two sets of five.',
        0.88, 2800
    )
) AS seed (id, audio_file_id, raw_text, confidence_score, processing_time_ms)
INNER JOIN audio_files AS af ON seed.audio_file_id::UUID = af.id
ON CONFLICT (id) DO UPDATE
    SET created_at = excluded.created_at;

INSERT INTO workouts
(
    id, user_id, audio_file_id, transcription_id, workout_date, workout_duration_minutes, total_exercises,
    claim_status, created_at
)
SELECT
    seed.id::UUID AS id,
    af.user_id,
    af.id AS audio_file_id,
    t.id AS transcription_id,
    af.upload_timestamp::DATE AS workout_date,
    seed.duration_minutes,
    3 AS total_exercises,
    'unclaimed' AS claim_status,
    af.upload_timestamp AS created_at
FROM (
    VALUES
    ('e0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 45),
    ('e0000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000002', 60),
    ('e0000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000003', 50)
) AS seed (id, transcription_id, duration_minutes)
INNER JOIN transcriptions AS t ON seed.transcription_id::UUID = t.id
INNER JOIN audio_files AS af ON t.audio_file_id = af.id
ON CONFLICT (id) DO UPDATE
    SET
        workout_date = excluded.workout_date,
        created_at = excluded.created_at;

INSERT INTO exercises
(
    id, workout_id, exercise_name, exercise_type, muscle_groups, sets, reps, weight_lbs, effort_level, rest_seconds,
    order_in_workout
)
SELECT
    seed.id::UUID AS id,
    w.id AS workout_id,
    seed.exercise_name,
    'strength' AS exercise_type,
    seed.muscle_groups,
    cardinality(seed.reps) AS sets,
    seed.reps,
    seed.weight_lbs,
    seed.effort_level,
    90 AS rest_seconds,
    seed.order_in_workout
FROM (
    VALUES
    (
        'b0000000-0000-4000-8000-000000000011', 'e0000000-0000-4000-8000-000000000001', 1, 'Bench Press',
        ARRAY['chest', 'triceps', 'shoulders'], ARRAY[10, 10, 10], ARRAY[135, 135, 135]::NUMERIC[], 7
    ),
    (
        'b0000000-0000-4000-8000-000000000012', 'e0000000-0000-4000-8000-000000000001', 2, 'Squats',
        ARRAY['quadriceps', 'glutes', 'hamstrings'], ARRAY[8, 8, 8], ARRAY[185, 185, 185]::NUMERIC[], 8
    ),
    (
        'b0000000-0000-4000-8000-000000000013', 'e0000000-0000-4000-8000-000000000001', 3, 'Pull-ups',
        ARRAY['back', 'biceps'], ARRAY[6, 6], ARRAY[]::NUMERIC[], 8
    ),
    (
        'b0000000-0000-4000-8000-000000000021', 'e0000000-0000-4000-8000-000000000002', 1, 'Bench Press',
        ARRAY['chest', 'triceps', 'shoulders'], ARRAY[8, 8, 8], ARRAY[155, 155, 155]::NUMERIC[], 8
    ),
    (
        'b0000000-0000-4000-8000-000000000022', 'e0000000-0000-4000-8000-000000000002', 2, 'Squats',
        ARRAY['quadriceps', 'glutes', 'hamstrings'], ARRAY[5, 5, 5], ARRAY[225, 225, 225]::NUMERIC[], 9
    ),
    (
        'b0000000-0000-4000-8000-000000000023', 'e0000000-0000-4000-8000-000000000002', 3, 'Pull-ups',
        ARRAY['back', 'biceps'], ARRAY[8, 8], ARRAY[]::NUMERIC[], 7
    ),
    (
        'b0000000-0000-4000-8000-000000000031', 'e0000000-0000-4000-8000-000000000003', 1, 'Bench Press',
        ARRAY['chest', 'triceps', 'shoulders'], ARRAY[12, 12, 12], ARRAY[115, 115, 115]::NUMERIC[], 6
    ),
    (
        'b0000000-0000-4000-8000-000000000032', 'e0000000-0000-4000-8000-000000000003', 2, 'Squats',
        ARRAY['quadriceps', 'glutes', 'hamstrings'], ARRAY[10, 10, 10], ARRAY[165, 165, 165]::NUMERIC[], 7
    ),
    (
        'b0000000-0000-4000-8000-000000000033', 'e0000000-0000-4000-8000-000000000003', 3, 'Pull-ups',
        ARRAY['back', 'biceps'], ARRAY[5, 5], ARRAY[]::NUMERIC[], 8
    )
) AS seed (id, workout_id, order_in_workout, exercise_name, muscle_groups, reps, weight_lbs, effort_level)
INNER JOIN workouts AS w ON seed.workout_id::UUID = w.id
ON CONFLICT (id) DO NOTHING;

INSERT INTO exercise_library
(
    id, name, category, primary_muscle_groups, secondary_muscle_groups, equipment_needed, instructions,
    difficulty_level
)
VALUES
(
    '10000000-0000-4000-8000-000000000001', 'Push-ups', 'strength',
    ARRAY['chest', 'triceps'], ARRAY['shoulders', 'core'], ARRAY[]::TEXT[],
    'Lower the chest to the floor with a straight body, then push back up.', 2
),
(
    '10000000-0000-4000-8000-000000000002', 'Pull-ups', 'strength',
    ARRAY['back', 'biceps'], ARRAY['shoulders', 'core'], ARRAY['pull-up bar'],
    'Hang from the bar with the palms away and pull until the chin is above it.', 4
),
(
    '10000000-0000-4000-8000-000000000003', 'Squats', 'strength',
    ARRAY['quadriceps', 'glutes'], ARRAY['hamstrings', 'core'], ARRAY['barbell'],
    'Bend hips and knees until the thighs are level, then stand up.', 3
),
(
    '10000000-0000-4000-8000-000000000004', 'Deadlifts', 'strength',
    ARRAY['hamstrings', 'glutes', 'back'], ARRAY['quadriceps', 'core'], ARRAY['barbell'],
    'Lift the bar from the floor by straightening hips and knees, back flat.', 4
),
(
    '10000000-0000-4000-8000-000000000005', 'Bench Press', 'strength',
    ARRAY['chest', 'triceps'], ARRAY['shoulders'], ARRAY['barbell', 'bench'],
    'Lying on the bench, lower the bar to the chest and press it up.', 3
),
(
    '10000000-0000-4000-8000-000000000006', 'Bicep Curls', 'strength',
    ARRAY['biceps'], ARRAY['forearms'], ARRAY['dumbbells'],
    'Bend the elbows to lift the weights, upper arms still.', 1
),
(
    '10000000-0000-4000-8000-000000000007', 'Plank', 'core',
    ARRAY['core'], ARRAY['shoulders', 'glutes'], ARRAY[]::TEXT[],
    'Hold a straight body on forearms and toes.', 2
),
(
    '10000000-0000-4000-8000-000000000008', 'Running', 'cardio',
    ARRAY['quadriceps', 'hamstrings', 'calves'], ARRAY['glutes', 'core'], ARRAY[]::TEXT[],
    'Run at a pace that can be kept up.', 2
),
(
    '10000000-0000-4000-8000-000000000009', 'Overhead Press', 'strength',
    ARRAY['shoulders', 'triceps'], ARRAY['chest', 'core'], ARRAY['barbell'],
    'Press the bar from the shoulders until the arms are straight.', 3
),
(
    '10000000-0000-4000-8000-000000000010', 'Rows', 'strength',
    ARRAY['back'], ARRAY['biceps', 'shoulders'], ARRAY['barbell'],
    'Bent forward with a flat back, pull the bar to the belly.', 3
)
ON CONFLICT DO NOTHING;
