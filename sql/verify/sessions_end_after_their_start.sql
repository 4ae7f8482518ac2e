-- No session ends before it starts.
-- entrypoint: deep
SELECT
    ws.id::TEXT AS session_id,
    ws.session_start_time::TEXT AS session_start_time,
    ws.session_end_time::TEXT AS session_end_time
FROM public.workout_sessions AS ws
WHERE ws.session_end_time < ws.session_start_time;
