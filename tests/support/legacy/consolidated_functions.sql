-- Functions of the consolidated version, with what needs no more tables than its begun schema has.

CREATE FUNCTION update_session_updated_at() RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION detect_session_candidates(
    p_user_id UUID,
    p_audio_file_id UUID,
    p_upload_timestamp TIMESTAMP WITH TIME ZONE,
    p_timeout_minutes INTEGER DEFAULT 60
) RETURNS TABLE (candidate_session_id UUID, time_gap_minutes NUMERIC) AS $$
BEGIN
    RETURN QUERY
    SELECT ws.id, EXTRACT(EPOCH FROM (p_upload_timestamp - ws.session_end_time)) / 60
    FROM workout_sessions ws
    WHERE ws.user_id = p_user_id
        AND ws.session_status IN ('pending', 'processing')
        AND ws.session_date = DATE(p_upload_timestamp)
        AND EXTRACT(EPOCH FROM (p_upload_timestamp - ws.session_end_time)) / 60 <= p_timeout_minutes
    ORDER BY ws.session_end_time DESC
    LIMIT 1;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION create_new_session(
    p_user_id UUID, p_audio_file_id UUID, p_upload_timestamp TIMESTAMP WITH TIME ZONE
) RETURNS UUID AS $$
DECLARE
    v_session_id UUID;
BEGIN
    INSERT INTO workout_sessions (user_id, session_date, session_start_time, session_end_time, total_recordings)
    VALUES (p_user_id, DATE(p_upload_timestamp), p_upload_timestamp, p_upload_timestamp, 1)
    RETURNING id INTO v_session_id;
    INSERT INTO session_audio_files VALUES (v_session_id, p_audio_file_id, 1, 0);
    RETURN v_session_id;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION update_device_last_seen() RETURNS TRIGGER AS $$
BEGIN
    UPDATE user_devices SET last_seen = NEW.upload_timestamp
    WHERE device_uuid = (SELECT device_uuid FROM users WHERE id = NEW.user_id);
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION get_unclaimed_workouts_for_device(target_device_uuid VARCHAR) RETURNS TABLE (
    workout_id UUID,
    workout_date DATE,
    total_exercises INTEGER,
    duration_minutes INTEGER,
    audio_filename VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE
) AS $$
BEGIN
    RETURN QUERY
    SELECT w.id, w.workout_date, w.total_exercises, w.workout_duration_minutes, af.original_filename, w.created_at
    FROM workouts w JOIN users u ON w.user_id = u.id JOIN audio_files af ON w.audio_file_id = af.id
    WHERE u.device_uuid = target_device_uuid AND w.claim_status = 'unclaimed'
        AND w.created_at > CURRENT_TIMESTAMP - INTERVAL '30 days'
    ORDER BY w.created_at DESC;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION claim_workout(
    p_user_id UUID,
    p_workout_id UUID,
    p_claim_method VARCHAR DEFAULT 'manual',
    p_voice_confidence NUMERIC DEFAULT NULL
) RETURNS BOOLEAN AS $$
BEGIN
    IF (SELECT claim_status FROM workouts WHERE id = p_workout_id) != 'unclaimed' THEN
        RAISE EXCEPTION 'Workout already claimed';
    END IF;
    INSERT INTO workout_claims (user_id, workout_id, claim_method, voice_match_confidence)
    VALUES (p_user_id, p_workout_id, p_claim_method, p_voice_confidence);
    UPDATE workouts SET claim_status = 'claimed' WHERE id = p_workout_id;
    RETURN TRUE;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION expire_old_unclaimed_workouts() RETURNS INTEGER AS $$
DECLARE
    v_count INTEGER;
BEGIN
    UPDATE workouts SET claim_status = 'expired'
    WHERE claim_status = 'unclaimed' AND created_at < CURRENT_TIMESTAMP - INTERVAL '30 days';
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION link_user_to_device(
    p_user_id UUID, p_device_uuid VARCHAR, p_device_name VARCHAR DEFAULT NULL
) RETURNS UUID AS $$
DECLARE
    v_id UUID;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM users WHERE device_uuid = p_device_uuid) THEN
        RAISE EXCEPTION 'Device not found';
    END IF;
    INSERT INTO device_links (user_id, device_uuid, device_name)
    VALUES (p_user_id, p_device_uuid, COALESCE(p_device_name, 'Device ' || RIGHT(p_device_uuid, 4)))
    ON CONFLICT (user_id, device_uuid) DO UPDATE SET last_activity = CURRENT_TIMESTAMP, is_active = TRUE
    RETURNING id INTO v_id;
    RETURN v_id;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION get_user_linked_devices(p_user_id UUID) RETURNS TABLE (
    device_uuid VARCHAR,
    device_name VARCHAR,
    linked_at TIMESTAMP WITH TIME ZONE,
    last_activity TIMESTAMP WITH TIME ZONE,
    recent_workouts_count BIGINT,
    pending_workouts_count BIGINT
) AS $$
BEGIN
    RETURN QUERY
    SELECT dl.device_uuid, dl.device_name, dl.linked_at, dl.last_activity, 0::BIGINT, 0::BIGINT
    FROM device_links dl WHERE dl.user_id = p_user_id AND dl.is_active = TRUE;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION auto_assign_workout_to_user(
    p_audio_file_id UUID, p_similarity_score NUMERIC, p_matched_profile_id UUID
) RETURNS BOOLEAN AS $$
BEGIN
    INSERT INTO speaker_verifications (audio_file_id, voice_profile_id, similarity_score, confidence_level)
    VALUES (p_audio_file_id, p_matched_profile_id, p_similarity_score, 'low');
    RETURN FALSE;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION generate_invite_code() RETURNS VARCHAR AS $$
BEGIN
    RETURN UPPER(SUBSTRING(MD5(RANDOM()::TEXT) FROM 1 FOR 8));
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION set_invite_code() RETURNS TRIGGER AS $$
BEGIN
    IF NEW.invite_code IS NULL OR NEW.invite_code = '' THEN
        NEW.invite_code := generate_invite_code();
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION update_updated_at_column() RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION add_audio_to_session(
    p_session_id UUID, p_audio_file_id UUID, p_upload_timestamp TIMESTAMP WITH TIME ZONE
) RETURNS VOID AS $$
DECLARE
    v_order INTEGER;
BEGIN
    SELECT COALESCE(MAX(recording_order), 0) + 1 INTO v_order
    FROM session_audio_files WHERE session_id = p_session_id;
    INSERT INTO session_audio_files (session_id, audio_file_id, recording_order, time_offset_minutes)
    SELECT p_session_id, p_audio_file_id, v_order,
        EXTRACT(EPOCH FROM (p_upload_timestamp - session_start_time)) / 60
    FROM workout_sessions WHERE id = p_session_id
    ON CONFLICT DO NOTHING;
    UPDATE workout_sessions
    SET total_recordings = total_recordings + 1,
        session_end_time = GREATEST(session_end_time, p_upload_timestamp)
    WHERE id = p_session_id;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION search_devices_by_last4(last4_digits VARCHAR) RETURNS TABLE (
    device_uuid VARCHAR,
    device_name VARCHAR,
    last_seen TIMESTAMP WITH TIME ZONE,
    unclaimed_workouts_count BIGINT,
    unclaimed_sessions_count BIGINT
) AS $$
BEGIN
    RETURN QUERY
    SELECT u.device_uuid, ('Device ' || RIGHT(u.device_uuid, 4))::VARCHAR, u.last_seen,
        (SELECT COUNT(*) FROM workouts w WHERE w.user_id = u.id AND w.claim_status = 'unclaimed'),
        (SELECT COUNT(*) FROM workout_sessions ws WHERE ws.user_id = u.id AND ws.claim_status = 'unclaimed')
    FROM users u WHERE RIGHT(u.device_uuid, 4) = last4_digits
    ORDER BY u.last_seen DESC;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trigger_update_session_updated_at
BEFORE UPDATE ON workout_sessions
FOR EACH ROW EXECUTE FUNCTION update_session_updated_at();

CREATE TRIGGER trigger_update_device_last_seen
AFTER INSERT ON audio_files
FOR EACH ROW EXECUTE FUNCTION update_device_last_seen();

CREATE VIEW session_summaries AS
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
    COALESCE(
        JSON_AGG(
            JSON_BUILD_OBJECT(
                'audio_file_id', af.id,
                'original_filename', af.original_filename,
                'recording_order', saf.recording_order,
                'time_offset_minutes', saf.time_offset_minutes,
                'transcription_status', af.transcription_status
            ) ORDER BY saf.recording_order
        ) FILTER (WHERE af.id IS NOT NULL), '[]'::JSON
    ) AS audio_files
FROM workout_sessions ws
LEFT JOIN session_audio_files saf ON ws.id = saf.session_id
LEFT JOIN audio_files af ON saf.audio_file_id = af.id
GROUP BY ws.id;
