-- Functions of MORSE. Names, parameters and result columns are an interface of the API and the worker.
--
-- Rows are locked in one order everywhere, so that no two functions can deadlock: people (app_users) and devices
-- (users), voice profiles, device links, sessions, recordings, workouts, claims, user_devices. FOR NO KEY UPDATE
-- keeps other writers of a row away and still lets rows that refer to it be inserted.
--
-- SQLSTATEs: P0001 where the API has always matched on the message, P0002 for an unknown id, 22004 for NULL,
-- 22023 and other codes of class 22 for values that cannot be meant, 55000 for a closed account.

CREATE OR REPLACE FUNCTION search_devices_by_last4(last4_digits VARCHAR)
RETURNS TABLE (
    device_uuid VARCHAR,
    device_name VARCHAR,
    last_seen TIMESTAMPTZ,
    unclaimed_workouts_count BIGINT,
    unclaimed_sessions_count BIGINT
)
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF last4_digits IS NULL OR char_length(last4_digits) <> 4 THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT
        u.device_uuid,
        ('Device ' || right(u.device_uuid::TEXT, 4))::VARCHAR,
        u.last_seen,
        (
            SELECT count(*)
            FROM workouts AS w
            WHERE w.user_id = u.id AND coalesce(w.claim_status, 'unclaimed') = 'unclaimed'
        ),
        (
            SELECT count(*)
            FROM workout_sessions AS ws
            WHERE ws.user_id = u.id AND coalesce(ws.claim_status, 'unclaimed') = 'unclaimed'
        )
    FROM users AS u
    WHERE lower(right(u.device_uuid::TEXT, 4)) = lower(last4_digits)
    ORDER BY u.last_seen DESC NULLS FIRST, u.device_uuid;
END;
$function$;

COMMENT ON FUNCTION search_devices_by_last4(VARCHAR) IS
'Devices whose last four characters are these, upper or lower case, with what can still be claimed from them.';

CREATE OR REPLACE FUNCTION get_unclaimed_workouts_for_device(target_device_uuid VARCHAR)
RETURNS TABLE (
    workout_id UUID,
    workout_date DATE,
    total_exercises INTEGER,
    duration_minutes INTEGER,
    audio_filename VARCHAR,
    created_at TIMESTAMPTZ
)
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $function$
BEGIN
    RETURN QUERY
    SELECT
        w.id,
        w.workout_date,
        w.total_exercises,
        w.workout_duration_minutes,
        af.original_filename,
        w.created_at
    FROM users AS u
    INNER JOIN workouts AS w ON u.id = w.user_id
    INNER JOIN audio_files AS af ON w.audio_file_id = af.id
    WHERE
        u.device_uuid = target_device_uuid
        AND coalesce(w.claim_status, 'unclaimed') = 'unclaimed'
        AND w.created_at > CURRENT_TIMESTAMP - INTERVAL '30 days'
    ORDER BY w.created_at DESC, w.id;
END;
$function$;

COMMENT ON FUNCTION get_unclaimed_workouts_for_device(VARCHAR) IS
'Unclaimed workouts of a device from the last 30 days that have a recording of their own, newest first.';

CREATE OR REPLACE FUNCTION claim_workout(
    p_user_id UUID,
    p_workout_id UUID,
    p_claim_method VARCHAR DEFAULT 'manual',
    p_voice_confidence NUMERIC DEFAULT NULL
)
RETURNS BOOLEAN
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_user_is_active BOOLEAN;
    v_claim_status VARCHAR;
    v_device_uuid VARCHAR;
BEGIN
    IF p_user_id IS NULL OR p_workout_id IS NULL OR p_claim_method IS NULL THEN
        RAISE EXCEPTION 'A claim needs a user, a workout and a claim method'
            USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Pass p_user_id, p_workout_id and p_claim_method, none of them NULL.';
    END IF;
    IF p_claim_method::TEXT NOT IN ('manual', 'voice_match', 'device_link') THEN
        RAISE EXCEPTION 'Unknown claim method'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use manual, voice_match or device_link.';
    END IF;
    IF p_voice_confidence NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'Voice confidence is not between 0 and 1'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Pass a fraction, or NULL when no voice was compared.';
    END IF;

    -- NULL counts as active, which is the default: only an account that was closed is refused.
    SELECT coalesce(au.is_active, TRUE)
    INTO v_user_is_active
    FROM app_users AS au
    WHERE au.id = p_user_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'User not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_user_id is the id of a row in app_users.';
    END IF;
    IF NOT v_user_is_active THEN
        RAISE EXCEPTION 'User account is not active'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Reactivate the account before it claims.';
    END IF;

    SELECT
        coalesce(w.claim_status, 'unclaimed'),
        u.device_uuid
    INTO v_claim_status, v_device_uuid
    FROM workouts AS w
    INNER JOIN users AS u ON w.user_id = u.id
    WHERE w.id = p_workout_id
    FOR NO KEY UPDATE OF w;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Workout not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_workout_id is the id of a row in workouts.';
    END IF;
    IF v_claim_status = 'expired' THEN
        RAISE EXCEPTION 'Workout has expired and can no longer be claimed'
            USING ERRCODE = 'raise_exception', HINT = 'Workouts can be claimed for 30 days.';
    END IF;

    IF v_claim_status = 'unclaimed' THEN
        INSERT INTO workout_claims (user_id, workout_id, claim_method, voice_match_confidence)
        VALUES (p_user_id, p_workout_id, p_claim_method, p_voice_confidence)
        ON CONFLICT (workout_id) DO NOTHING;
    END IF;
    IF v_claim_status <> 'unclaimed' OR NOT FOUND THEN
        RAISE EXCEPTION 'Workout is already claimed'
            USING ERRCODE = 'raise_exception', HINT = 'Reload the list of unclaimed workouts.';
    END IF;

    UPDATE workouts SET claim_status = 'claimed' WHERE id = p_workout_id;

    INSERT INTO user_devices (user_id, device_uuid, device_name)
    VALUES (p_user_id, v_device_uuid, 'Claimed Device')
    ON CONFLICT (user_id, device_uuid) DO UPDATE
    SET
        last_seen = CURRENT_TIMESTAMP,
        is_active = TRUE;

    RETURN TRUE;
END;
$function$;

COMMENT ON FUNCTION claim_workout(UUID, UUID, VARCHAR, NUMERIC) IS
'Gives an unclaimed workout to a person and returns true; of two concurrent claims one wins, the other is told so.';

CREATE OR REPLACE FUNCTION auto_assign_workout_to_user(
    p_audio_file_id UUID,
    p_similarity_score NUMERIC,
    p_matched_profile_id UUID
)
RETURNS BOOLEAN
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_confidence_level VARCHAR;
    v_user_id UUID;
    v_workout_id UUID;
    v_claimant_id UUID;
    v_is_theirs BOOLEAN := FALSE;
BEGIN
    IF p_similarity_score IS NULL THEN
        RAISE EXCEPTION 'A voice match needs a similarity score'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Pass p_similarity_score, a number from -1 to 1.';
    END IF;
    -- Rounded as the column rounds, because floating point gives 1.0000001 for equal voices; NaN is above every number.
    IF round(p_similarity_score, 4) NOT BETWEEN -1 AND 1 THEN
        RAISE EXCEPTION 'Similarity score is not between -1 and 1'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_similarity_score is a cosine similarity.';
    END IF;
    v_confidence_level := CASE
        WHEN p_similarity_score >= 0.85 THEN 'high'
        WHEN p_similarity_score >= 0.70 THEN 'medium'
        ELSE 'low'
    END;

    SELECT au.id
    INTO v_user_id
    FROM app_users AS au
    INNER JOIN voice_profiles AS vp ON au.id = vp.user_id
    WHERE vp.id = p_matched_profile_id AND vp.is_active AND au.is_active IS DISTINCT FROM FALSE
    FOR NO KEY UPDATE OF au FOR SHARE OF vp;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    PERFORM
    FROM device_links AS dl
    INNER JOIN users AS u ON dl.device_uuid = u.device_uuid
    INNER JOIN audio_files AS af ON u.id = af.user_id
    WHERE af.id = p_audio_file_id AND dl.user_id = v_user_id AND dl.is_active
    FOR SHARE OF dl FOR KEY SHARE OF af;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    IF v_confidence_level <> 'low' THEN
        SELECT w.id
        INTO v_workout_id
        FROM workouts AS w
        WHERE w.audio_file_id = p_audio_file_id AND coalesce(w.claim_status, 'unclaimed') = 'unclaimed'
        ORDER BY w.created_at, w.id
        LIMIT 1
        FOR NO KEY UPDATE;
        IF FOUND THEN
            INSERT INTO workout_claims (user_id, workout_id, claim_method, voice_match_confidence)
            VALUES (v_user_id, v_workout_id, 'voice_match', p_similarity_score)
            ON CONFLICT (workout_id) DO NOTHING;

            SELECT wc.user_id INTO v_claimant_id FROM workout_claims AS wc WHERE wc.workout_id = v_workout_id;
            v_is_theirs := v_claimant_id = v_user_id;
            IF v_is_theirs THEN
                UPDATE workouts SET claim_status = 'claimed' WHERE id = v_workout_id;
            END IF;
        ELSE
            -- The worker may repeat a call whose answer it lost.
            v_is_theirs := EXISTS (
                SELECT
                FROM workouts AS w
                INNER JOIN workout_claims AS wc ON w.id = wc.workout_id
                WHERE w.audio_file_id = p_audio_file_id AND w.claim_status <> 'expired' AND wc.user_id = v_user_id
            );
        END IF;
    END IF;

    INSERT INTO speaker_verifications
    (audio_file_id, voice_profile_id, similarity_score, confidence_level, auto_linked)
    VALUES (p_audio_file_id, p_matched_profile_id, p_similarity_score, v_confidence_level, v_is_theirs);

    RETURN v_is_theirs;
END;
$function$;

COMMENT ON FUNCTION auto_assign_workout_to_user(UUID, NUMERIC, UUID) IS
'Logs a voice match on a linked device; from 0.70 on the workout goes to the person. True if it is theirs now.';

CREATE OR REPLACE FUNCTION link_user_to_device(
    p_user_id UUID,
    p_device_uuid VARCHAR,
    p_device_name VARCHAR DEFAULT NULL
)
RETURNS UUID
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_link_id UUID;
BEGIN
    IF p_user_id IS NULL THEN
        RAISE EXCEPTION 'A device link needs a user'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Pass p_user_id.';
    END IF;
    IF char_length(p_device_name) > 255 THEN
        RAISE EXCEPTION 'Device name is longer than 255 characters'
            USING ERRCODE = 'string_data_right_truncation', HINT = 'Shorten p_device_name.';
    END IF;

    IF NOT EXISTS (SELECT FROM users AS u WHERE u.device_uuid = p_device_uuid) THEN
        RAISE EXCEPTION 'Device not found'
            USING ERRCODE = 'raise_exception', HINT = 'A device can be linked once it has recorded something.';
    END IF;
    PERFORM FROM app_users AS au WHERE au.id = p_user_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'User not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_user_id is the id of a row in app_users.';
    END IF;

    INSERT INTO device_links AS dl (user_id, device_uuid, device_name)
    VALUES (p_user_id, p_device_uuid, coalesce(p_device_name, 'Device ' || right(p_device_uuid::TEXT, 4)))
    ON CONFLICT (user_id, device_uuid) DO UPDATE
    SET
        device_name = coalesce(p_device_name, dl.device_name),
        last_activity = CURRENT_TIMESTAMP,
        is_active = TRUE
    RETURNING dl.id INTO v_link_id;

    RETURN v_link_id;
END;
$function$;

COMMENT ON FUNCTION link_user_to_device(UUID, VARCHAR, VARCHAR) IS
'Links a known device to a person, or renews the link, and returns the id of the link.';

CREATE OR REPLACE FUNCTION get_user_linked_devices(p_user_id UUID)
RETURNS TABLE (
    device_uuid VARCHAR,
    device_name VARCHAR,
    linked_at TIMESTAMPTZ,
    last_activity TIMESTAMPTZ,
    recent_workouts_count BIGINT,
    pending_workouts_count BIGINT
)
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $function$
BEGIN
    RETURN QUERY
    SELECT
        dl.device_uuid,
        dl.device_name,
        dl.linked_at,
        dl.last_activity,
        (
            SELECT count(*)
            FROM users AS u
            INNER JOIN workouts AS w ON u.id = w.user_id
            INNER JOIN workout_claims AS wc ON w.id = wc.workout_id
            WHERE
                u.device_uuid = dl.device_uuid
                AND wc.user_id = p_user_id
                AND wc.claimed_at > CURRENT_TIMESTAMP - INTERVAL '30 days'
        ),
        (
            SELECT count(*)
            FROM users AS u
            INNER JOIN workouts AS w ON u.id = w.user_id
            WHERE
                u.device_uuid = dl.device_uuid
                AND coalesce(w.claim_status, 'unclaimed') = 'unclaimed'
                AND w.created_at > CURRENT_TIMESTAMP - INTERVAL '7 days'
        )
    FROM device_links AS dl
    WHERE dl.user_id = p_user_id AND dl.is_active
    ORDER BY dl.last_activity DESC NULLS LAST, dl.device_uuid;
END;
$function$;

COMMENT ON FUNCTION get_user_linked_devices(UUID) IS
'Active device links of a person, latest activity first: claims of 30 days, and unclaimed workouts of 7 days.';

CREATE OR REPLACE FUNCTION detect_session_candidates(
    p_user_id UUID,
    p_audio_file_id UUID,
    p_upload_timestamp TIMESTAMPTZ,
    p_timeout_minutes INTEGER DEFAULT 60
)
RETURNS TABLE (
    candidate_session_id UUID,
    time_gap_minutes NUMERIC
)
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $function$
BEGIN
    IF p_timeout_minutes < 0 OR NOT isfinite(p_upload_timestamp) THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT
        ws.id,
        CASE
            WHEN p_upload_timestamp <= ws.session_end_time THEN 0
            ELSE extract(EPOCH FROM p_upload_timestamp - ws.session_end_time) / 60
        END
    FROM workout_sessions AS ws
    WHERE
        ws.user_id = p_user_id
        AND ws.session_status::TEXT IN ('pending', 'processing')
        AND p_upload_timestamp >= coalesce(ws.session_start_time, ws.session_end_time)
        AND p_upload_timestamp <= ws.session_end_time + make_interval(mins => p_timeout_minutes)
    ORDER BY ws.session_end_time DESC, ws.id
    LIMIT 1;
END;
$function$;

COMMENT ON FUNCTION detect_session_candidates(UUID, UUID, TIMESTAMPTZ, INTEGER) IS
'The open session an upload belongs to: not before its start, at most the timeout after its end. The audio is ignored.';

CREATE OR REPLACE FUNCTION add_audio_to_session(
    p_session_id UUID,
    p_audio_file_id UUID,
    p_upload_timestamp TIMESTAMPTZ
)
RETURNS VOID
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_user_id UUID;
    v_start TIMESTAMPTZ;
    v_end TIMESTAMPTZ;
    v_audio_user_id UUID;
    v_new_start TIMESTAMPTZ;
    v_new_end TIMESTAMPTZ;
    v_order INTEGER;
    v_offset NUMERIC;
    v_longest_offset NUMERIC;
    v_shift NUMERIC;
BEGIN
    IF p_session_id IS NULL OR p_audio_file_id IS NULL OR p_upload_timestamp IS NULL THEN
        RAISE EXCEPTION 'A recording of a session needs a session, an audio file and an upload time'
            USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Pass p_session_id, p_audio_file_id and p_upload_timestamp, none of them NULL.';
    END IF;
    IF NOT isfinite(p_upload_timestamp) THEN
        RAISE EXCEPTION 'Upload time is infinite'
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Pass the time of the upload.';
    END IF;

    SELECT
        ws.user_id,
        ws.session_start_time,
        ws.session_end_time
    INTO v_user_id, v_start, v_end
    FROM users AS u
    INNER JOIN workout_sessions AS ws ON u.id = ws.user_id
    WHERE ws.id = p_session_id
    FOR KEY SHARE OF u FOR NO KEY UPDATE OF ws;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Session not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_session_id is the id of a row in workout_sessions.';
    END IF;

    SELECT af.user_id
    INTO v_audio_user_id
    FROM audio_files AS af
    WHERE af.id = p_audio_file_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Audio file not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_audio_file_id is the id of a row in audio_files.';
    END IF;
    IF v_audio_user_id <> v_user_id THEN
        RAISE EXCEPTION 'Audio file belongs to another user'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A session holds recordings of one device only.';
    END IF;

    IF EXISTS (
        SELECT
        FROM session_audio_files AS saf
        WHERE saf.session_id = p_session_id AND saf.audio_file_id = p_audio_file_id
    ) THEN
        RETURN;
    END IF;

    -- LEAST and GREATEST ignore NULL: a session without times gets them from its first upload.
    v_new_start := least(v_start, p_upload_timestamp);
    v_new_end := greatest(v_start, v_end, p_upload_timestamp);
    v_shift := coalesce(extract(EPOCH FROM v_start - v_new_start) / 60, 0);
    v_offset := extract(EPOCH FROM p_upload_timestamp - v_new_start) / 60;

    SELECT
        coalesce(max(saf.recording_order), 0) + 1,
        greatest(v_offset, v_shift, max(saf.time_offset_minutes) + v_shift)
    INTO v_order, v_longest_offset
    FROM session_audio_files AS saf
    WHERE saf.session_id = p_session_id;
    IF round(v_longest_offset, 2) > 999999.99 THEN
        RAISE EXCEPTION 'Upload time is too far from the session'
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Put the recording into a session of its own.';
    END IF;

    IF v_shift > 0 THEN
        UPDATE session_audio_files
        SET time_offset_minutes = time_offset_minutes + v_shift
        WHERE session_id = p_session_id;
    END IF;

    INSERT INTO session_audio_files (session_id, audio_file_id, recording_order, time_offset_minutes)
    VALUES (p_session_id, p_audio_file_id, v_order, v_offset)
    ON CONFLICT (session_id, audio_file_id) DO NOTHING;

    UPDATE workout_sessions
    SET
        total_recordings = (SELECT count(*) FROM session_audio_files AS saf WHERE saf.session_id = p_session_id),
        session_start_time = v_new_start,
        session_end_time = v_new_end,
        session_duration_minutes = extract(EPOCH FROM v_new_end - v_new_start) / 60
    WHERE id = p_session_id;
END;
$function$;

COMMENT ON FUNCTION add_audio_to_session(UUID, UUID, TIMESTAMPTZ) IS
'Appends a recording of the same device to a session and widens its times; a second call changes nothing.';

CREATE OR REPLACE FUNCTION create_new_session(
    p_user_id UUID,
    p_audio_file_id UUID,
    p_upload_timestamp TIMESTAMPTZ
)
RETURNS UUID
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_audio_user_id UUID;
    v_session_id UUID;
BEGIN
    IF p_user_id IS NULL OR p_audio_file_id IS NULL OR p_upload_timestamp IS NULL THEN
        RAISE EXCEPTION 'A session needs a user, an audio file and an upload time'
            USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Pass p_user_id, p_audio_file_id and p_upload_timestamp, none of them NULL.';
    END IF;
    IF NOT isfinite(p_upload_timestamp) THEN
        RAISE EXCEPTION 'Upload time is infinite'
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Pass the time of the upload.';
    END IF;

    PERFORM FROM users AS u WHERE u.id = p_user_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'User not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_user_id is the id of a row in users.';
    END IF;
    SELECT af.user_id
    INTO v_audio_user_id
    FROM audio_files AS af
    WHERE af.id = p_audio_file_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Audio file not found'
            USING ERRCODE = 'no_data_found', HINT = 'p_audio_file_id is the id of a row in audio_files.';
    END IF;
    IF v_audio_user_id <> p_user_id THEN
        RAISE EXCEPTION 'Audio file belongs to another user'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A session holds recordings of one device only.';
    END IF;

    SELECT ws.id
    INTO v_session_id
    FROM session_audio_files AS saf
    INNER JOIN workout_sessions AS ws ON saf.session_id = ws.id
    WHERE saf.audio_file_id = p_audio_file_id AND ws.user_id = p_user_id
    ORDER BY ws.created_at, ws.id
    LIMIT 1;
    IF FOUND THEN
        RETURN v_session_id;
    END IF;

    INSERT INTO workout_sessions
    (user_id, session_date, session_start_time, session_end_time, session_duration_minutes, total_recordings)
    VALUES (p_user_id, p_upload_timestamp::DATE, p_upload_timestamp, p_upload_timestamp, 0, 1)
    RETURNING id INTO v_session_id;

    INSERT INTO session_audio_files (session_id, audio_file_id, recording_order, time_offset_minutes)
    VALUES (v_session_id, p_audio_file_id, 1, 0);

    RETURN v_session_id;
END;
$function$;

COMMENT ON FUNCTION create_new_session(UUID, UUID, TIMESTAMPTZ) IS
'Starts a session with this recording, or returns the one that holds it. It does not set audio_files.session_id.';

CREATE OR REPLACE FUNCTION expire_old_unclaimed_workouts()
RETURNS INTEGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_expired INTEGER;
BEGIN
    WITH due AS (
        SELECT w.id
        FROM workouts AS w
        WHERE
            (w.claim_status = 'unclaimed' OR w.claim_status IS NULL)
            AND w.created_at < CURRENT_TIMESTAMP - INTERVAL '30 days'
        ORDER BY w.id
        FOR NO KEY UPDATE
    )

    UPDATE workouts AS w
    SET claim_status = 'expired'
    FROM due
    WHERE w.id = due.id;
    GET DIAGNOSTICS v_expired = ROW_COUNT;

    WITH due AS (
        SELECT ws.id
        FROM workout_sessions AS ws
        WHERE
            (ws.claim_status = 'unclaimed' OR ws.claim_status IS NULL)
            AND ws.created_at < CURRENT_TIMESTAMP - INTERVAL '30 days'
        ORDER BY ws.id
        FOR NO KEY UPDATE
    )

    UPDATE workout_sessions AS ws
    SET claim_status = 'expired'
    FROM due
    WHERE ws.id = due.id;

    RETURN v_expired;
END;
$function$;

COMMENT ON FUNCTION expire_old_unclaimed_workouts() IS
'Expires workouts and sessions nobody claimed for 30 days; returns the number of workouts, sessions not counted.';

CREATE OR REPLACE FUNCTION generate_invite_code()
RETURNS VARCHAR
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_code VARCHAR;
BEGIN
    LOOP
        -- The first eight digits of a version 4 UUID are random; version and variant stand further behind.
        v_code := upper(left(gen_random_uuid()::TEXT, 8));
        EXIT WHEN NOT EXISTS (SELECT FROM teams AS t WHERE t.invite_code IN (v_code, lower(v_code)));
    END LOOP;
    RETURN v_code;
END;
$function$;

COMMENT ON FUNCTION generate_invite_code() IS
'An unused invite code for a team: eight upper-case hexadecimal digits from the strong random source of the server.';

CREATE OR REPLACE FUNCTION set_invite_code()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    NEW.invite_code := coalesce(nullif(upper(NEW.invite_code), ''), generate_invite_code());
    RETURN NEW;
END;
$function$;

COMMENT ON FUNCTION set_invite_code() IS
'Trigger: generates a missing or empty invite code and stores a given one in upper case.';

CREATE OR REPLACE FUNCTION update_updated_at_column()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    -- A deployed version of the API also puts this trigger on tables without the column; an UPDATE must not fail there.
    IF EXISTS (
        SELECT
        FROM pg_attribute AS a
        WHERE a.attrelid = TG_RELID AND a.attname = 'updated_at' AND NOT a.attisdropped
    ) THEN
        NEW.updated_at := CURRENT_TIMESTAMP;
    END IF;
    RETURN NEW;
END;
$function$;

COMMENT ON FUNCTION update_updated_at_column() IS
'Trigger: sets updated_at to the current time, in tables that have it.';

CREATE OR REPLACE FUNCTION update_session_updated_at()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    NEW.updated_at := CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$function$;

COMMENT ON FUNCTION update_session_updated_at() IS 'Trigger: sets updated_at of a session to the current time.';

CREATE OR REPLACE FUNCTION update_device_last_seen()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
DECLARE
    v_device_uuid VARCHAR;
BEGIN
    IF NEW.upload_timestamp IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT u.device_uuid INTO v_device_uuid FROM users AS u WHERE u.id = NEW.user_id;

    -- Several people may have the device: in order of id, two uploads cannot lock each other out.
    WITH earlier AS (
        SELECT dl.id
        FROM device_links AS dl
        WHERE
            dl.device_uuid = v_device_uuid
            AND (dl.last_activity < NEW.upload_timestamp OR dl.last_activity IS NULL)
        ORDER BY dl.id
        FOR NO KEY UPDATE
    )

    UPDATE device_links AS dl
    SET last_activity = NEW.upload_timestamp
    FROM earlier
    WHERE dl.id = earlier.id;

    WITH earlier AS (
        SELECT ud.id
        FROM user_devices AS ud
        WHERE
            ud.device_uuid = v_device_uuid
            AND (ud.last_seen < NEW.upload_timestamp OR ud.last_seen IS NULL)
        ORDER BY ud.id
        FOR NO KEY UPDATE
    )

    UPDATE user_devices AS ud
    SET last_seen = NEW.upload_timestamp
    FROM earlier
    WHERE ud.id = earlier.id;

    RETURN NULL;
END;
$function$;

COMMENT ON FUNCTION update_device_last_seen() IS
'Trigger: moves the last activity of the uploading device forward to the upload, in user_devices and device_links.';

CREATE OR REPLACE FUNCTION recount_session_recordings()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    UPDATE workout_sessions AS ws
    SET total_recordings = (SELECT count(*) FROM session_audio_files AS saf WHERE saf.session_id = ws.id)
    WHERE ws.id = OLD.session_id;
    RETURN NULL;
END;
$function$;

COMMENT ON FUNCTION recount_session_recordings() IS
'Trigger: counts the recordings of a session again when one was deleted.';

CREATE OR REPLACE FUNCTION release_claimed_workout()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    UPDATE workouts
    SET claim_status = 'unclaimed'
    WHERE id = OLD.workout_id AND claim_status = 'claimed';
    RETURN NULL;
END;
$function$;

COMMENT ON FUNCTION release_claimed_workout() IS
'Trigger: makes a workout unclaimed again when its claim disappears, for instance with the person.';

CREATE OR REPLACE FUNCTION release_claimed_session()
RETURNS TRIGGER
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $function$
BEGIN
    UPDATE workout_sessions
    SET claim_status = 'unclaimed'
    WHERE id = OLD.session_id AND claim_status = 'claimed';
    RETURN NULL;
END;
$function$;

COMMENT ON FUNCTION release_claimed_session() IS
'Trigger: makes a session unclaimed again when its claim disappears, for instance with the person.';
