-- Every trigger of the product fires, and so do the internal ones by which the server enforces foreign keys.
SELECT
    t.relname::TEXT AS table_name,
    coalesce(con.conname, g.tgname)::TEXT AS trigger_or_constraint,
    CASE g.tgenabled WHEN 'D' THEN 'is disabled' ELSE 'fires in replication only' END AS problem
FROM pg_trigger AS g
INNER JOIN pg_class AS t ON g.tgrelid = t.oid
LEFT JOIN pg_constraint AS con ON g.tgconstraint = con.oid
WHERE
    t.relnamespace = 'public'::REGNAMESPACE
    AND t.relname IN (
        'app_users', 'audio_files', 'device_links', 'exercise_library', 'exercises', 'session_audio_files',
        'session_claims', 'session_detection_config', 'speaker_verifications', 'team_memberships', 'teams',
        'transcriptions', 'user_devices', 'user_progress', 'users', 'voice_profiles', 'workout_claims',
        'workout_sessions', 'workouts'
    )
    AND (
        g.tgisinternal
        OR (t.relname, g.tgname) IN (
            ('audio_files', 'trigger_update_device_last_seen'),
            ('session_audio_files', 'session_audio_files_deleted_trigger'),
            ('session_claims', 'session_claims_deleted_trigger'),
            ('teams', 'teams_invite_code_trigger'),
            ('teams', 'teams_updated_at_trigger'),
            ('workout_claims', 'workout_claims_deleted_trigger'),
            ('workout_sessions', 'trigger_update_session_updated_at')
        )
    )
    AND g.tgenabled IN ('D', 'R')
GROUP BY t.relname, coalesce(con.conname, g.tgname), g.tgenabled
ORDER BY t.relname, coalesce(con.conname, g.tgname);
