-- Every index is complete and used; one that CREATE INDEX CONCURRENTLY left half-built is not.
SELECT
    t.relname::TEXT AS table_name,
    x.relname::TEXT AS index_name,
    'is invalid: drop it and build it again' AS problem
FROM pg_index AS i
INNER JOIN pg_class AS t ON i.indrelid = t.oid
INNER JOIN pg_class AS x ON i.indexrelid = x.oid
WHERE
    t.relnamespace = 'public'::REGNAMESPACE
    AND t.relname IN (
        'app_users', 'audio_files', 'device_links', 'exercise_library', 'exercises', 'session_audio_files',
        'session_claims', 'session_detection_config', 'speaker_verifications', 'team_memberships', 'teams',
        'transcriptions', 'user_devices', 'user_progress', 'users', 'voice_profiles', 'workout_claims',
        'workout_sessions', 'workouts'
    )
    AND NOT (i.indisvalid AND i.indisready AND i.indislive)
    -- The twin that an interrupted REINDEX CONCURRENTLY leaves beside a valid index does no harm.
    AND x.relname !~ '_cc(new|old)[0-9]*$'
ORDER BY t.relname, x.relname;
