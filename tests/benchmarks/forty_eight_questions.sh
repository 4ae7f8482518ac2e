#!/bin/sh
# A stand-in for the old verification script: one psql for each question, forty-eight in all.
# It asks whether things exist by name, and never what they are. DATABASE_URL and PSQL are given.
set -eu

failed=0

# ask WHAT SQL: SQL must answer t.
ask() {
    answer=$("$PSQL" "$DATABASE_URL" -X -t -A -c "$2")
    if [ "$answer" = t ]; then
        echo "ok: $1"
    else
        echo "failed: $1"
        failed=1
    fi
}

ask "connection" "SELECT TRUE"

for table in app_users audio_files device_links exercise_library exercises session_audio_files \
    session_claims session_detection_config speaker_verifications team_memberships teams transcriptions \
    user_devices user_progress users voice_profiles workout_claims workout_sessions workouts; do
    ask "table $table" "SELECT EXISTS (SELECT FROM information_schema.tables
        WHERE table_schema = 'public' AND table_name = '$table')"
done

for index in idx_users_device_uuid idx_app_users_passphrase idx_workouts_user_id idx_workouts_date \
    idx_workouts_claim_status idx_exercises_workout_id idx_audio_files_user_id \
    idx_transcriptions_audio_file_id idx_workout_sessions_user_id idx_workout_claims_workout_id \
    idx_session_claims_session_id idx_voice_profiles_user_id; do
    ask "index $index" "SELECT EXISTS (SELECT FROM pg_indexes
        WHERE schemaname = 'public' AND indexname = '$index')"
done

for function in add_audio_to_session auto_assign_workout_to_user claim_workout create_new_session \
    detect_session_candidates expire_old_unclaimed_workouts get_unclaimed_workouts_for_device \
    get_user_linked_devices link_user_to_device; do
    ask "function $function" "SELECT EXISTS (SELECT FROM information_schema.routines
        WHERE routine_schema = 'public' AND routine_name = '$function')"
done

for trigger in teams_invite_code_trigger teams_updated_at_trigger trigger_update_device_last_seen \
    trigger_update_session_updated_at; do
    ask "trigger $trigger" "SELECT EXISTS (SELECT FROM information_schema.triggers
        WHERE trigger_schema = 'public' AND trigger_name = '$trigger')"
done

ask "foreign keys" "SELECT count(*) > 20 FROM information_schema.table_constraints
    WHERE constraint_schema = 'public' AND constraint_type = 'FOREIGN KEY'"
ask "no orphaned workouts" "SELECT NOT EXISTS (SELECT FROM workouts AS w
    LEFT JOIN users AS u ON w.user_id = u.id WHERE u.id IS NULL)"
ask "no orphaned exercises" "SELECT NOT EXISTS (SELECT FROM exercises AS e
    LEFT JOIN workouts AS w ON e.workout_id = w.id WHERE w.id IS NULL)"

exit "$failed"
