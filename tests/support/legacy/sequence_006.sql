-- Migrations 005 and 006 on top of 004: device links, matching by voice, and functions of teams without their tables.

CREATE TABLE device_links (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id UUID NOT NULL REFERENCES app_users (id) ON DELETE CASCADE,
    device_uuid VARCHAR(255) NOT NULL,
    device_name VARCHAR(255),
    linked_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_activity TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE,
    UNIQUE (user_id, device_uuid)
);

CREATE INDEX idx_device_links_user_id ON device_links (user_id);
CREATE INDEX idx_device_links_device_uuid ON device_links (device_uuid);
CREATE INDEX idx_device_links_active ON device_links (is_active) WHERE is_active = TRUE;
CREATE INDEX idx_device_links_last4 ON device_links (RIGHT(device_uuid, 4));

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

DROP VIEW user_workout_summaries;
CREATE VIEW user_workout_summaries AS
SELECT
    au.id AS user_id,
    COUNT(DISTINCT wc.id) AS total_claimed_workouts,
    COUNT(DISTINCT dl.id) AS linked_devices,
    COUNT(DISTINCT vp.id) AS voice_profiles_count,
    MAX(wc.claimed_at) AS last_workout_claimed,
    MAX(dl.last_activity) AS last_device_activity,
    COUNT(DISTINCT wc.id) FILTER (WHERE wc.claimed_at > CURRENT_TIMESTAMP - INTERVAL '7 days') AS workouts_this_week,
    COUNT(DISTINCT wc.id) FILTER (WHERE wc.claim_method = 'voice_match') AS auto_matched_workouts
FROM app_users au
LEFT JOIN workout_claims wc ON au.id = wc.user_id
LEFT JOIN device_links dl ON au.id = dl.user_id AND dl.is_active = TRUE
LEFT JOIN voice_profiles vp ON au.id = vp.user_id AND vp.is_active = TRUE
GROUP BY au.id;
