-- Views of MORSE; the API reads their columns by name, so names, types and order are an interface.

CREATE OR REPLACE VIEW session_summaries AS
SELECT
    ws.id,
    ws.user_id,
    ws.session_date,
    ws.session_start_time,
    ws.session_end_time,
    ws.session_duration_minutes,
    ws.total_recordings,
    ws.total_exercises,
    ws.session_status,
    ws.notes,
    coalesce(recordings.listed, '[]'::JSON) AS audio_files
FROM workout_sessions AS ws
LEFT JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'audio_file_id', af.id,
                'original_filename', af.original_filename,
                'recording_order', saf.recording_order,
                'time_offset_minutes', saf.time_offset_minutes,
                'transcription_status', af.transcription_status
            )
            ORDER BY saf.recording_order, af.id
        ) AS listed
    FROM session_audio_files AS saf
    INNER JOIN audio_files AS af ON saf.audio_file_id = af.id
    WHERE saf.session_id = ws.id
) AS recordings ON TRUE;

COMMENT ON VIEW session_summaries IS
'Sessions with their recordings as a JSON array in recording order, empty when there are none.';

-- Each child table is aggregated by itself: joining them side by side would multiply their rows.
CREATE OR REPLACE VIEW user_workout_summaries AS
SELECT
    au.id AS user_id,
    claims.total_claimed_workouts,
    links.linked_devices,
    profiles.voice_profiles_count,
    claims.last_workout_claimed,
    links.last_device_activity,
    claims.workouts_this_week,
    claims.auto_matched_workouts
FROM app_users AS au
LEFT JOIN LATERAL (
    SELECT
        count(*) AS total_claimed_workouts,
        max(wc.claimed_at) AS last_workout_claimed,
        count(*) FILTER (WHERE wc.claimed_at > CURRENT_TIMESTAMP - INTERVAL '7 days') AS workouts_this_week,
        count(*) FILTER (WHERE wc.claim_method::TEXT = 'voice_match') AS auto_matched_workouts
    FROM workout_claims AS wc
    WHERE wc.user_id = au.id
) AS claims ON TRUE
LEFT JOIN LATERAL (
    SELECT
        count(*) AS linked_devices,
        max(dl.last_activity) AS last_device_activity
    FROM device_links AS dl
    WHERE dl.user_id = au.id AND dl.is_active
) AS links ON TRUE
LEFT JOIN LATERAL (
    SELECT count(*) AS voice_profiles_count
    FROM voice_profiles AS vp
    WHERE vp.user_id = au.id AND vp.is_active
) AS profiles ON TRUE;

COMMENT ON VIEW user_workout_summaries IS
'One row for each person: claimed workouts, active device links, active voice profiles and latest activity.';
