-- Triggers and the view of the consolidated version that need its whole schema.

CREATE TRIGGER teams_invite_code_trigger
BEFORE INSERT ON teams
FOR EACH ROW EXECUTE FUNCTION set_invite_code();

CREATE TRIGGER teams_updated_at_trigger
BEFORE UPDATE ON teams
FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

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
