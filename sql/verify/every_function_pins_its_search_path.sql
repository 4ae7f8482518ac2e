-- Every function of the product pins its search_path with pg_temp last, so that no caller can slip in other tables.
SELECT
    format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) AS function_name,
    format('search_path is not %s', pinned.path) AS problem
FROM pg_proc AS p
-- What runs with the rights of its owner looks nothing up where somebody else may create.
INNER JOIN (VALUES (TRUE, 'pg_catalog, pg_temp'), (FALSE, 'public, pg_temp')) AS pinned (prosecdef, path)
    ON p.prosecdef = pinned.prosecdef
WHERE
    p.pronamespace = 'public'::REGNAMESPACE
    AND p.proname IN (
        'add_audio_to_session', 'auto_assign_workout_to_user', 'claim_workout', 'create_new_session',
        'detect_session_candidates', 'expire_old_unclaimed_workouts', 'generate_invite_code',
        'get_unclaimed_workouts_for_device', 'get_user_linked_devices', 'link_user_to_device',
        'recount_session_recordings', 'release_claimed_session', 'release_claimed_workout',
        'search_devices_by_last4', 'set_invite_code', 'update_device_last_seen', 'update_session_updated_at',
        'update_updated_at_column'
    )
    AND coalesce(array_position(p.proconfig, 'search_path=' || pinned.path), 0) = 0
ORDER BY 1;
