-- Every recording of a session was made by the device of the session.
-- entrypoint: deep
SELECT
    saf.session_id::TEXT AS session_id,
    saf.audio_file_id::TEXT AS audio_file_id,
    'belongs to another device' AS problem
FROM public.session_audio_files AS saf
INNER JOIN public.workout_sessions AS ws ON saf.session_id = ws.id
INNER JOIN public.audio_files AS af ON saf.audio_file_id = af.id
WHERE ws.user_id <> af.user_id;
