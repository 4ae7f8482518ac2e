-- total_recordings of a session is the number of its recordings.
-- entrypoint: deep
SELECT
    ws.id::TEXT AS session_id,
    ws.total_recordings::TEXT AS total_recordings,
    count(saf.session_id)::TEXT AS counted_recordings
FROM public.workout_sessions AS ws
LEFT JOIN public.session_audio_files AS saf ON ws.id = saf.session_id
GROUP BY ws.id
HAVING coalesce(ws.total_recordings, 0) <> count(saf.session_id);
