-- Every foreign key has a usable index that begins with its columns, so that deleting a parent scans no child table.
SELECT
    t.relname::TEXT AS table_name,
    con.conname::TEXT AS constraint_name,
    'no valid index begins with its columns' AS problem
FROM pg_constraint AS con
INNER JOIN pg_class AS t ON con.conrelid = t.oid
WHERE
    con.contype = 'f'
    AND t.relnamespace = 'public'::REGNAMESPACE
    AND t.relname IN (
        'app_users', 'audio_files', 'device_links', 'exercise_library', 'exercises', 'session_audio_files',
        'session_claims', 'session_detection_config', 'speaker_verifications', 'team_memberships', 'teams',
        'transcriptions', 'user_devices', 'user_progress', 'users', 'voice_profiles', 'workout_claims',
        'workout_sessions', 'workouts'
    )
    AND NOT EXISTS (
        SELECT
        FROM pg_index AS i
        WHERE
            i.indrelid = con.conrelid
            AND i.indisvalid
            AND i.indpred IS NULL
            -- indkey counts from 0; the order of the columns within the prefix does not matter.
            AND (i.indkey::SMALLINT[])[0:cardinality(con.conkey) - 1] @> con.conkey
    )
ORDER BY t.relname, con.conname;
