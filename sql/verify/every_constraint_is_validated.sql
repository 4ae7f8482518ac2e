-- Every constraint was checked against the rows that already existed and is enforced for new ones.
SELECT
    t.relname::TEXT AS table_name,
    con.conname::TEXT AS constraint_name,
    CASE WHEN con.convalidated THEN 'is not enforced' ELSE 'is not validated' END AS problem
FROM pg_constraint AS con
INNER JOIN pg_class AS t ON con.conrelid = t.oid
WHERE
    t.relnamespace = 'public'::REGNAMESPACE
    AND t.relname IN (
        'app_users', 'audio_files', 'device_links', 'exercise_library', 'exercises', 'session_audio_files',
        'session_claims', 'session_detection_config', 'speaker_verifications', 'team_memberships', 'teams',
        'transcriptions', 'user_devices', 'user_progress', 'users', 'voice_profiles', 'workout_claims',
        'workout_sessions', 'workouts'
    )
    -- Only PostgreSQL 18 and later have the column conenforced.
    AND (NOT con.convalidated OR to_jsonb(con) ->> 'conenforced' = 'false')
ORDER BY t.relname, con.conname;
