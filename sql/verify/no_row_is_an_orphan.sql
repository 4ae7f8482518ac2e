-- Every row that refers to another finds it; a valid foreign key hides orphans made while its triggers were off.
-- entrypoint: deep
SELECT
    'users' AS table_name,
    'migrated_to_app_user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.migrated_to_app_user_id::TEXT AS missing_key
FROM public.users AS c
WHERE
    c.migrated_to_app_user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.migrated_to_app_user_id
    )
UNION ALL
SELECT
    'workout_sessions' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.workout_sessions AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'audio_files' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.audio_files AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'audio_files' AS table_name,
    'session_id' AS column_name,
    c.id::TEXT AS row_key,
    c.session_id::TEXT AS missing_key
FROM public.audio_files AS c
WHERE
    c.session_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workout_sessions AS p
        WHERE p.id = c.session_id
    )
UNION ALL
SELECT
    'voice_profiles' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.voice_profiles AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'speaker_verifications' AS table_name,
    'audio_file_id' AS column_name,
    c.id::TEXT AS row_key,
    c.audio_file_id::TEXT AS missing_key
FROM public.speaker_verifications AS c
WHERE
    c.audio_file_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.audio_files AS p
        WHERE p.id = c.audio_file_id
    )
UNION ALL
SELECT
    'speaker_verifications' AS table_name,
    'voice_profile_id' AS column_name,
    c.id::TEXT AS row_key,
    c.voice_profile_id::TEXT AS missing_key
FROM public.speaker_verifications AS c
WHERE
    c.voice_profile_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.voice_profiles AS p
        WHERE p.id = c.voice_profile_id
    )
UNION ALL
SELECT
    'user_devices' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.user_devices AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'device_links' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.device_links AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'transcriptions' AS table_name,
    'audio_file_id' AS column_name,
    c.id::TEXT AS row_key,
    c.audio_file_id::TEXT AS missing_key
FROM public.transcriptions AS c
WHERE
    c.audio_file_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.audio_files AS p
        WHERE p.id = c.audio_file_id
    )
UNION ALL
SELECT
    'session_audio_files' AS table_name,
    'session_id' AS column_name,
    concat_ws(', ', c.session_id, c.audio_file_id) AS row_key,
    c.session_id::TEXT AS missing_key
FROM public.session_audio_files AS c
WHERE
    c.session_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workout_sessions AS p
        WHERE p.id = c.session_id
    )
UNION ALL
SELECT
    'session_audio_files' AS table_name,
    'audio_file_id' AS column_name,
    concat_ws(', ', c.session_id, c.audio_file_id) AS row_key,
    c.audio_file_id::TEXT AS missing_key
FROM public.session_audio_files AS c
WHERE
    c.audio_file_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.audio_files AS p
        WHERE p.id = c.audio_file_id
    )
UNION ALL
SELECT
    'session_detection_config' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.session_detection_config AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'workouts' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.workouts AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'workouts' AS table_name,
    'audio_file_id' AS column_name,
    c.id::TEXT AS row_key,
    c.audio_file_id::TEXT AS missing_key
FROM public.workouts AS c
WHERE
    c.audio_file_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.audio_files AS p
        WHERE p.id = c.audio_file_id
    )
UNION ALL
SELECT
    'workouts' AS table_name,
    'transcription_id' AS column_name,
    c.id::TEXT AS row_key,
    c.transcription_id::TEXT AS missing_key
FROM public.workouts AS c
WHERE
    c.transcription_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.transcriptions AS p
        WHERE p.id = c.transcription_id
    )
UNION ALL
SELECT
    'workouts' AS table_name,
    'session_id' AS column_name,
    c.id::TEXT AS row_key,
    c.session_id::TEXT AS missing_key
FROM public.workouts AS c
WHERE
    c.session_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workout_sessions AS p
        WHERE p.id = c.session_id
    )
UNION ALL
SELECT
    'exercises' AS table_name,
    'workout_id' AS column_name,
    c.id::TEXT AS row_key,
    c.workout_id::TEXT AS missing_key
FROM public.exercises AS c
WHERE
    c.workout_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workouts AS p
        WHERE p.id = c.workout_id
    )
UNION ALL
SELECT
    'user_progress' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.user_progress AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'user_progress' AS table_name,
    'workout_id' AS column_name,
    c.id::TEXT AS row_key,
    c.workout_id::TEXT AS missing_key
FROM public.user_progress AS c
WHERE
    c.workout_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workouts AS p
        WHERE p.id = c.workout_id
    )
UNION ALL
SELECT
    'workout_claims' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.workout_claims AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'workout_claims' AS table_name,
    'workout_id' AS column_name,
    c.id::TEXT AS row_key,
    c.workout_id::TEXT AS missing_key
FROM public.workout_claims AS c
WHERE
    c.workout_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workouts AS p
        WHERE p.id = c.workout_id
    )
UNION ALL
SELECT
    'session_claims' AS table_name,
    'user_id' AS column_name,
    c.id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.session_claims AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    )
UNION ALL
SELECT
    'session_claims' AS table_name,
    'session_id' AS column_name,
    c.id::TEXT AS row_key,
    c.session_id::TEXT AS missing_key
FROM public.session_claims AS c
WHERE
    c.session_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.workout_sessions AS p
        WHERE p.id = c.session_id
    )
UNION ALL
SELECT
    'teams' AS table_name,
    'creator_user_id' AS column_name,
    c.team_id::TEXT AS row_key,
    c.creator_user_id::TEXT AS missing_key
FROM public.teams AS c
WHERE
    c.creator_user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.creator_user_id
    )
UNION ALL
SELECT
    'team_memberships' AS table_name,
    'team_id' AS column_name,
    c.membership_id::TEXT AS row_key,
    c.team_id::TEXT AS missing_key
FROM public.team_memberships AS c
WHERE
    c.team_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.teams AS p
        WHERE p.team_id = c.team_id
    )
UNION ALL
SELECT
    'team_memberships' AS table_name,
    'user_id' AS column_name,
    c.membership_id::TEXT AS row_key,
    c.user_id::TEXT AS missing_key
FROM public.team_memberships AS c
WHERE
    c.user_id IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM public.app_users AS p
        WHERE p.id = c.user_id
    );
