"""Names, arguments and results of the functions, which the API and the worker call by."""

from __future__ import annotations

from tests.support.database import Database

FUNCTIONS = {
    "search_devices_by_last4": (
        "last4_digits character varying",
        (
            "TABLE(device_uuid character varying, device_name character varying, "
            "last_seen timestamp with time zone, unclaimed_workouts_count bigint, "
            "unclaimed_sessions_count bigint)"
        ),
    ),
    "get_unclaimed_workouts_for_device": (
        "target_device_uuid character varying",
        (
            "TABLE(workout_id uuid, workout_date date, total_exercises integer, "
            "duration_minutes integer, audio_filename character varying, "
            "created_at timestamp with time zone)"
        ),
    ),
    "claim_workout": (
        (
            "p_user_id uuid, p_workout_id uuid, "
            "p_claim_method character varying DEFAULT 'manual'::character varying, "
            "p_voice_confidence numeric DEFAULT NULL::numeric"
        ),
        "boolean",
    ),
    "auto_assign_workout_to_user": (
        "p_audio_file_id uuid, p_similarity_score numeric, p_matched_profile_id uuid",
        "boolean",
    ),
    "link_user_to_device": (
        (
            "p_user_id uuid, p_device_uuid character varying, "
            "p_device_name character varying DEFAULT NULL::character varying"
        ),
        "uuid",
    ),
    "get_user_linked_devices": (
        "p_user_id uuid",
        (
            "TABLE(device_uuid character varying, device_name character varying, "
            "linked_at timestamp with time zone, last_activity timestamp with time zone, "
            "recent_workouts_count bigint, pending_workouts_count bigint)"
        ),
    ),
    "detect_session_candidates": (
        (
            "p_user_id uuid, p_audio_file_id uuid, p_upload_timestamp timestamp with time zone, "
            "p_timeout_minutes integer DEFAULT 60"
        ),
        "TABLE(candidate_session_id uuid, time_gap_minutes numeric)",
    ),
    "add_audio_to_session": (
        "p_session_id uuid, p_audio_file_id uuid, p_upload_timestamp timestamp with time zone",
        "void",
    ),
    "create_new_session": (
        "p_user_id uuid, p_audio_file_id uuid, p_upload_timestamp timestamp with time zone",
        "uuid",
    ),
    "expire_old_unclaimed_workouts": ("", "integer"),
    "generate_invite_code": ("", "character varying"),
    "set_invite_code": ("", "trigger"),
    "update_updated_at_column": ("", "trigger"),
    "update_session_updated_at": ("", "trigger"),
    "update_device_last_seen": ("", "trigger"),
    "recount_session_recordings": ("", "trigger"),
    "release_claimed_workout": ("", "trigger"),
    "release_claimed_session": ("", "trigger"),
}
READERS = {"search_devices_by_last4", "detect_session_candidates"} | {
    name for name in FUNCTIONS if name.startswith("get_")
}


async def test_signatures_are_the_interface(database: Database) -> None:
    """Arguments with their names and defaults, and results, are what the API calls by."""
    connection = await database.connect()
    found = await connection.fetch(
        """
        SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile::text
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        """
    )
    assert FUNCTIONS == {row[0]: (row[1], row[2]) for row in found}
    assert READERS == {row[0] for row in found if row[3] == "s"}
