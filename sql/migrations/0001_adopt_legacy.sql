-- Adopts a database of an older MORSE: what comparing with the baseline cannot decide, and nothing else.
--
-- It runs where tables of ours are but no ledger is. Afterwards the entrypoint compares and makes from the baseline
-- what is missing or differs: tables, columns, constraints, indexes, defaults, functions, triggers, views, comments.
-- Each block looks at the catalog first and leaves alone what is in order, so one file serves every older shape. No
-- row is deleted; a value changes only by a conversion below. SQLSTATE ME009 is for what a person has to decide: the
-- detail lists it, a line each, and nothing is changed.

-- Every older shape has these columns in each of its tables: without them a table only has the same name as ours.
DO $adopt$
DECLARE
    v_found TEXT;
BEGIN
    SELECT string_agg(
        CASE
            WHEN a.attname IS NULL THEN format('%s.%s is missing', mark.table_name, mark.column_name)
            ELSE format(
                '%s.%s has type %s instead of %s',
                mark.table_name, mark.column_name, format_type(a.atttypid, a.atttypmod), mark.type
            )
        END,
        E'\n' ORDER BY mark.table_name, mark.column_name
    )
    INTO v_found
    FROM (
        VALUES
        ('app_users', 'id', 'uuid'), ('app_users', 'passphrase_hash', 'character varying'),
        ('audio_files', 'file_path', 'character varying'), ('audio_files', 'file_size', 'bigint'),
        ('audio_files', 'id', 'uuid'), ('audio_files', 'original_filename', 'character varying'),
        ('audio_files', 'user_id', 'uuid'),
        ('device_links', 'device_uuid', 'character varying'), ('device_links', 'id', 'uuid'),
        ('device_links', 'user_id', 'uuid'),
        ('exercise_library', 'id', 'uuid'), ('exercise_library', 'name', 'character varying'),
        ('exercises', 'exercise_name', 'character varying'), ('exercises', 'id', 'uuid'),
        ('exercises', 'reps', 'integer[]'), ('exercises', 'workout_id', 'uuid'),
        ('session_audio_files', 'audio_file_id', 'uuid'), ('session_audio_files', 'recording_order', 'integer'),
        ('session_audio_files', 'session_id', 'uuid'),
        ('session_claims', 'claim_method', 'character varying'), ('session_claims', 'id', 'uuid'),
        ('session_claims', 'session_id', 'uuid'), ('session_claims', 'user_id', 'uuid'),
        ('session_detection_config', 'id', 'uuid'), ('session_detection_config', 'user_id', 'uuid'),
        ('speaker_verifications', 'audio_file_id', 'uuid'),
        ('speaker_verifications', 'confidence_level', 'character varying'), ('speaker_verifications', 'id', 'uuid'),
        ('speaker_verifications', 'similarity_score', 'numeric'),
        ('team_memberships', 'membership_id', 'integer'), ('team_memberships', 'team_id', 'integer'),
        ('team_memberships', 'user_id', 'uuid'),
        ('teams', 'creator_user_id', 'uuid'), ('teams', 'invite_code', 'character varying'),
        ('teams', 'team_id', 'integer'), ('teams', 'team_name', 'character varying'),
        ('transcriptions', 'audio_file_id', 'uuid'), ('transcriptions', 'id', 'uuid'),
        ('transcriptions', 'raw_text', 'text'),
        ('user_devices', 'device_uuid', 'character varying'), ('user_devices', 'id', 'uuid'),
        ('user_devices', 'user_id', 'uuid'),
        ('user_progress', 'exercise_name', 'character varying'), ('user_progress', 'id', 'uuid'),
        ('user_progress', 'metric_type', 'character varying'), ('user_progress', 'metric_value', 'numeric'),
        ('user_progress', 'recorded_date', 'date'), ('user_progress', 'user_id', 'uuid'),
        ('user_progress', 'workout_id', 'uuid'),
        ('users', 'device_uuid', 'character varying'), ('users', 'id', 'uuid'),
        ('users', 'last_seen', 'timestamp with time zone'),
        ('voice_profiles', 'confidence_score', 'numeric'), ('voice_profiles', 'embedding_vector', 'double precision[]'),
        ('voice_profiles', 'id', 'uuid'), ('voice_profiles', 'user_id', 'uuid'),
        ('workout_claims', 'claim_method', 'character varying'), ('workout_claims', 'id', 'uuid'),
        ('workout_claims', 'user_id', 'uuid'), ('workout_claims', 'workout_id', 'uuid'),
        ('workout_sessions', 'id', 'uuid'), ('workout_sessions', 'session_date', 'date'),
        ('workout_sessions', 'user_id', 'uuid'),
        ('workouts', 'audio_file_id', 'uuid'), ('workouts', 'id', 'uuid'), ('workouts', 'user_id', 'uuid'),
        ('workouts', 'workout_date', 'date')
    ) AS mark (table_name, column_name, type)
    INNER JOIN pg_class AS t
        ON mark.table_name = t.relname AND t.relnamespace = current_schema()::REGNAMESPACE AND t.relkind IN ('r', 'p')
    LEFT JOIN pg_attribute AS a
        ON t.oid = a.attrelid AND mark.column_name = a.attname AND NOT a.attisdropped
    WHERE a.attname IS NULL OR format_type(a.atttypid, NULL) <> mark.type;

    IF v_found IS NOT NULL THEN
        RAISE EXCEPTION 'tables here have names of MORSE, but are not tables of any version of it'
        USING
            ERRCODE = 'ME009',
            DETAIL = v_found,
            HINT = 'give MORSE a database of its own, or move these tables to another schema';
    END IF;
END;
$adopt$;

-- Keys are recognised by their columns and get their names of today. Of several on the same columns one stays; the
-- comparison then corrects its actions. Where one is missing, rows that it would forbid are listed: which of them is
-- wrong only a person can tell.
DO $adopt$
DECLARE
    v_constraint RECORD;
    v_name TEXT;
    v_kept TEXT;
    v_rows BIGINT;
    v_found TEXT[] := '{}';
BEGIN
    FOR v_constraint IN
        SELECT
            target.table_name,
            target.name,
            target.kind,
            target.columns,
            array_to_string(target.columns, ', ') AS column_list,
            target.referenced,
            found.names,
            found.validated
        FROM (
            SELECT
                listed.table_name,
                listed.name,
                listed.kind,
                listed.columns::TEXT[] AS columns,
                listed.referenced
            FROM (
                VALUES
                ('audio_files', 'audio_files_user_id_fkey', 'f', '{user_id}', 'users'),
                ('audio_files', 'fk_audio_files_session', 'f', '{session_id}', 'workout_sessions'),
                ('device_links', 'device_links_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('device_links', 'device_links_user_id_device_uuid_key', 'u', '{user_id,device_uuid}', NULL),
                ('exercise_library', 'exercise_library_name_key', 'u', '{name}', NULL),
                ('exercises', 'exercises_workout_id_fkey', 'f', '{workout_id}', 'workouts'),
                (
                    'session_audio_files', 'session_audio_files_audio_file_id_fkey', 'f',
                    '{audio_file_id}', 'audio_files'
                ),
                ('session_audio_files', 'session_audio_files_session_id_fkey', 'f', '{session_id}', 'workout_sessions'),
                ('session_audio_files', 'session_audio_files_pkey', 'p', '{session_id,audio_file_id}', NULL),
                ('session_claims', 'session_claims_session_id_fkey', 'f', '{session_id}', 'workout_sessions'),
                ('session_claims', 'session_claims_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('session_claims', 'session_claims_session_id_key', 'u', '{session_id}', NULL),
                ('session_detection_config', 'session_detection_config_user_id_fkey', 'f', '{user_id}', 'users'),
                ('speaker_verifications', 'fk_speaker_verifications_audio', 'f', '{audio_file_id}', 'audio_files'),
                (
                    'speaker_verifications', 'speaker_verifications_voice_profile_id_fkey', 'f',
                    '{voice_profile_id}', 'voice_profiles'
                ),
                ('team_memberships', 'team_memberships_team_id_fkey', 'f', '{team_id}', 'teams'),
                ('team_memberships', 'team_memberships_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('team_memberships', 'team_memberships_team_id_user_id_key', 'u', '{team_id,user_id}', NULL),
                ('team_memberships', 'team_memberships_pkey', 'p', '{membership_id}', NULL),
                ('teams', 'teams_creator_user_id_fkey', 'f', '{creator_user_id}', 'app_users'),
                ('teams', 'teams_invite_code_key', 'u', '{invite_code}', NULL),
                ('teams', 'teams_pkey', 'p', '{team_id}', NULL),
                ('transcriptions', 'transcriptions_audio_file_id_fkey', 'f', '{audio_file_id}', 'audio_files'),
                ('user_devices', 'user_devices_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('user_devices', 'user_devices_user_id_device_uuid_key', 'u', '{user_id,device_uuid}', NULL),
                ('user_progress', 'user_progress_user_id_fkey', 'f', '{user_id}', 'users'),
                ('user_progress', 'user_progress_workout_id_fkey', 'f', '{workout_id}', 'workouts'),
                ('users', 'fk_users_app_users', 'f', '{migrated_to_app_user_id}', 'app_users'),
                ('users', 'users_device_uuid_key', 'u', '{device_uuid}', NULL),
                ('voice_profiles', 'voice_profiles_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('workout_claims', 'workout_claims_user_id_fkey', 'f', '{user_id}', 'app_users'),
                ('workout_claims', 'workout_claims_workout_id_fkey', 'f', '{workout_id}', 'workouts'),
                ('workout_claims', 'workout_claims_workout_id_key', 'u', '{workout_id}', NULL),
                ('workout_sessions', 'workout_sessions_user_id_fkey', 'f', '{user_id}', 'users'),
                ('workouts', 'workouts_audio_file_id_fkey', 'f', '{audio_file_id}', 'audio_files'),
                ('workouts', 'workouts_session_id_fkey', 'f', '{session_id}', 'workout_sessions'),
                ('workouts', 'workouts_transcription_id_fkey', 'f', '{transcription_id}', 'transcriptions'),
                ('workouts', 'workouts_user_id_fkey', 'f', '{user_id}', 'users')
            ) AS listed (table_name, name, kind, columns, referenced)
            UNION ALL
            SELECT keyed.table_name, keyed.table_name || '_pkey', 'p', '{id}', NULL
            FROM unnest(
                '{app_users,audio_files,device_links,exercise_library,exercises,session_claims,'
                'session_detection_config,speaker_verifications,transcriptions,user_devices,user_progress,users,'
                'voice_profiles,workout_claims,workout_sessions,workouts}'::TEXT[]
            ) AS keyed (table_name)
        ) AS target
        INNER JOIN pg_class AS t
            ON target.table_name = t.relname AND t.relnamespace = current_schema()::REGNAMESPACE AND t.relkind = 'r'
        CROSS JOIN LATERAL (
            SELECT
                array_agg(c.conname ORDER BY c.conname <> target.name, c.oid) AS names,
                bool_or(c.convalidated) AS validated
            FROM pg_constraint AS c
            WHERE
                c.conrelid = t.oid
                AND c.contype = target.kind::"char"
                AND (target.kind <> 'f' OR c.confrelid = to_regclass(target.referenced))
                AND ARRAY(
                    SELECT a.attname::TEXT FROM pg_attribute AS a
                    WHERE a.attrelid = t.oid AND a.attnum = ANY(c.conkey)
                    ORDER BY a.attname
                ) = ARRAY(SELECT unnest(target.columns) ORDER BY 1)
        ) AS found
        WHERE
            (
                SELECT count(*) FROM pg_attribute AS a
                WHERE a.attrelid = t.oid AND a.attname = ANY(target.columns) AND NOT a.attisdropped
            ) = cardinality(target.columns)
        ORDER BY target.table_name, target.kind = 'f', target.name
    LOOP
        v_kept := v_constraint.names[1];
        FOREACH v_name IN ARRAY coalesce(v_constraint.names[2:], '{}') LOOP
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', v_constraint.table_name, v_name);
            RAISE NOTICE 'dropped constraint % of %: % limits the same columns',
                v_name, v_constraint.table_name, v_kept;
        END LOOP;
        IF v_kept <> v_constraint.name THEN
            EXECUTE format(
                'ALTER TABLE %I RENAME CONSTRAINT %I TO %I', v_constraint.table_name, v_kept, v_constraint.name
            );
            RAISE NOTICE 'renamed constraint % of % to %', v_kept, v_constraint.table_name, v_constraint.name;
        END IF;

        -- A constraint that was never validated says nothing about the rows.
        CONTINUE WHEN v_constraint.validated;
        v_rows := 0;
        IF v_constraint.kind <> 'f' THEN
            EXECUTE format(
                'SELECT count(*) FROM (SELECT FROM %I GROUP BY %s HAVING count(*) > 1) AS d',
                v_constraint.table_name, v_constraint.column_list
            ) INTO v_rows;
        ELSIF to_regclass(v_constraint.referenced) IS NULL THEN
            EXECUTE format(
                'SELECT count(%I) FROM %I', v_constraint.column_list, v_constraint.table_name
            ) INTO v_rows;
        ELSE
            EXECUTE format(
                'SELECT count(t.%1$I) FROM %2$I AS t WHERE NOT EXISTS (SELECT FROM %3$I AS r WHERE r.%4$I = t.%1$I)',
                v_constraint.column_list, v_constraint.table_name, v_constraint.referenced,
                CASE v_constraint.referenced WHEN 'teams' THEN 'team_id' ELSE 'id' END
            ) INTO v_rows;
        END IF;
        IF v_rows > 0 THEN
            v_found := v_found || format(
                '%s (%s): %s',
                v_constraint.table_name,
                v_constraint.column_list,
                CASE v_constraint.kind
                    WHEN 'f' THEN format('%s rows refer to no row of %s', v_rows, v_constraint.referenced)
                    ELSE format('%s values stand there more than once', v_rows)
                END
            );
        END IF;
    END LOOP;

    IF cardinality(v_found) > 0 THEN
        RAISE EXCEPTION 'rows here break constraints that the database should have'
        USING
            ERRCODE = 'ME009',
            DETAIL = array_to_string(v_found, E'\n'),
            HINT = 'correct or remove these rows, then deploy again';
    END IF;
END;
$adopt$;

-- Numbers get their types of today. Where that loses digits, or is not possible for NaN, the old values stay in
-- <column>_legacy. One rewrite converts and copies: an UPDATE would call triggers that fail in some older shapes.
DO $adopt$
DECLARE
    v_column RECORD;
    v_view RECORD;
    v_loses BOOLEAN;
    v_copy TEXT;
BEGIN
    FOR v_column IN
        SELECT
            target.table_name,
            target.column_name,
            target.type,
            target.value,
            format_type(a.atttypid, a.atttypmod) AS old_type,
            t.oid AS table_id,
            a.attnum AS number
        FROM (
            VALUES
            ('exercises', 'distance_miles', 'numeric(10,2)', 'distance_miles::NUMERIC(10, 2)'),
            ('exercises', 'duration_minutes', 'numeric(10,2)', 'duration_minutes::NUMERIC(10, 2)'),
            ('transcriptions', 'confidence_score', 'numeric(5,4)', 'confidence_score::NUMERIC(5, 4)'),
            ('transcriptions', 'processing_time_ms', 'integer', 'nullif(processing_time_ms, ''NaN'')::INTEGER')
        ) AS target (table_name, column_name, type, value)
        INNER JOIN pg_class AS t
            ON target.table_name = t.relname AND t.relnamespace = current_schema()::REGNAMESPACE AND t.relkind = 'r'
        INNER JOIN pg_attribute AS a
            ON t.oid = a.attrelid AND target.column_name = a.attname AND NOT a.attisdropped
        WHERE a.atttypid = 'numeric'::REGTYPE AND format_type(a.atttypid, a.atttypmod) <> target.type
        ORDER BY target.table_name, target.column_name
    LOOP
        FOR v_view IN
            SELECT DISTINCT w.ev_class AS id, c.relname AS name
            FROM pg_depend AS d
            INNER JOIN pg_rewrite AS w ON d.objid = w.oid AND d.classid = 'pg_rewrite'::REGCLASS
            INNER JOIN pg_class AS c ON w.ev_class = c.oid
            WHERE
                d.refclassid = 'pg_class'::REGCLASS
                AND d.refobjid = v_column.table_id
                AND d.refobjsubid = v_column.number
        LOOP
            IF v_view.name NOT IN ('session_summaries', 'user_workout_summaries') THEN
                RAISE EXCEPTION 'view % reads %.%, which becomes %',
                    v_view.id::REGCLASS, v_column.table_name, v_column.column_name, v_column.type
                USING
                    ERRCODE = 'ME009',
                    DETAIL = format('view %s is not a view of MORSE', v_view.id::REGCLASS),
                    HINT = 'drop that view, deploy, and create it again afterwards';
            END IF;
            EXECUTE format('DROP VIEW %I', v_view.name);
        END LOOP;

        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %I WHERE %I IS DISTINCT FROM %s)',
            v_column.table_name, v_column.column_name, v_column.value
        )
        INTO v_loses;
        v_copy := v_column.column_name || '_legacy';
        IF v_loses THEN
            EXECUTE format('ALTER TABLE %I ADD COLUMN %I %s', v_column.table_name, v_copy, v_column.old_type);
            EXECUTE format(
                'ALTER TABLE %I ALTER COLUMN %I TYPE %s USING %I',
                v_column.table_name, v_copy, v_column.old_type, v_column.column_name
            ) || format(', ALTER COLUMN %I TYPE %s USING %s', v_column.column_name, v_column.type, v_column.value);
            EXECUTE format(
                'COMMENT ON COLUMN %I.%I IS %L',
                v_column.table_name,
                v_copy,
                format('Values of %s from when it was %s, digits included that it no longer holds.',
                    v_column.column_name, v_column.old_type)
            );
        ELSE
            EXECUTE format(
                'ALTER TABLE %I ALTER COLUMN %I TYPE %s USING %s',
                v_column.table_name, v_column.column_name, v_column.type, v_column.value
            );
        END IF;
        RAISE NOTICE 'converted %.% from % to %; old values: %',
            v_column.table_name, v_column.column_name, v_column.old_type, v_column.type,
            CASE WHEN v_loses THEN 'kept in ' || v_copy ELSE 'all are the same in the new type' END;
    END LOOP;
END;
$adopt$;

-- A version of the API dropped these two columns with their values. NULL says that they are unknown; the column's
-- default would say of every recording that it has just arrived and was never processed.
DO $adopt$
DECLARE
    v_column RECORD;
BEGIN
    FOR v_column IN
        SELECT lost.name, lost.type
        FROM (VALUES ('processed', 'BOOLEAN'), ('upload_timestamp', 'TIMESTAMPTZ')) AS lost (name, type)
        WHERE
            to_regclass('audio_files') IS NOT NULL
            AND NOT EXISTS (
                SELECT
                FROM pg_attribute AS a
                WHERE a.attrelid = to_regclass('audio_files') AND a.attname = lost.name AND NOT a.attisdropped
            )
    LOOP
        EXECUTE format('ALTER TABLE audio_files ADD COLUMN %I %s', v_column.name, v_column.type);
        RAISE NOTICE 'added audio_files.% without values', v_column.name;
    END LOOP;
END;
$adopt$;

-- Where sessions have no claim status yet, the claims say what it is; the default would free claimed sessions.
DO $adopt$
BEGIN
    IF
        to_regclass('workout_sessions') IS NOT NULL
        AND to_regclass('session_claims') IS NOT NULL
        AND NOT EXISTS (
            SELECT
            FROM pg_attribute AS a
            WHERE a.attrelid = to_regclass('workout_sessions') AND a.attname = 'claim_status' AND NOT a.attisdropped
        )
    THEN
        ALTER TABLE workout_sessions ADD COLUMN claim_status VARCHAR(50) DEFAULT 'unclaimed';
        -- Otherwise a trigger would set updated_at.
        ALTER TABLE workout_sessions DISABLE TRIGGER USER;
        UPDATE workout_sessions AS ws
        SET claim_status = 'claimed'
        WHERE EXISTS (SELECT FROM session_claims AS sc WHERE sc.session_id = ws.id);
        ALTER TABLE workout_sessions ENABLE TRIGGER USER;
        RAISE NOTICE 'added workout_sessions.claim_status from the claims';
    END IF;
END;
$adopt$;

-- An older function of the same name with other argument types would be called in place of today's.
DO $adopt$
DECLARE
    v_function TEXT;
BEGIN
    FOR v_function IN
        WITH today (signature) AS (
            VALUES
            ('add_audio_to_session(uuid, uuid, timestamptz)'),
            ('auto_assign_workout_to_user(uuid, numeric, uuid)'),
            ('claim_workout(uuid, uuid, varchar, numeric)'),
            ('create_new_session(uuid, uuid, timestamptz)'),
            ('detect_session_candidates(uuid, uuid, timestamptz, integer)'),
            ('expire_old_unclaimed_workouts()'),
            ('generate_invite_code()'),
            ('get_unclaimed_workouts_for_device(varchar)'),
            ('get_user_linked_devices(uuid)'),
            ('link_user_to_device(uuid, varchar, varchar)'),
            ('search_devices_by_last4(varchar)'),
            ('set_invite_code()'),
            ('update_device_last_seen()'),
            ('update_session_updated_at()'),
            ('update_updated_at_column()')
        )
        SELECT p.oid::REGPROCEDURE::TEXT
        FROM pg_proc AS p
        INNER JOIN today ON p.proname = split_part(today.signature, '(', 1)
        WHERE
            p.pronamespace = current_schema()::REGNAMESPACE
            AND p.oid IS DISTINCT FROM to_regprocedure(today.signature)
        ORDER BY 1
    LOOP
        EXECUTE 'DROP ROUTINE ' || v_function;
        RAISE NOTICE 'dropped %, which an older version called', v_function;
    END LOOP;
END;
$adopt$;
