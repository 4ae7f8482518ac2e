-- Every table of the product has a primary key, so that each of its rows can be named.
SELECT
    t.relname::TEXT AS table_name,
    'has no primary key' AS problem
FROM pg_class AS t
WHERE
    t.relnamespace = 'public'::REGNAMESPACE
    AND t.relkind = 'r'
    AND t.relname IN (
        'app_users', 'audio_files', 'device_links', 'exercise_library', 'exercises', 'session_audio_files',
        'session_claims', 'session_detection_config', 'speaker_verifications', 'team_memberships', 'teams',
        'transcriptions', 'user_devices', 'user_progress', 'users', 'voice_profiles', 'workout_claims',
        'workout_sessions', 'workouts'
    )
    AND NOT EXISTS (
        SELECT
        FROM pg_constraint AS con
        WHERE con.conrelid = t.oid AND con.contype = 'p'
    )
ORDER BY t.relname;
