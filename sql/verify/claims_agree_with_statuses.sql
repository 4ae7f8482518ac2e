-- What is marked as claimed has a claim, and what has a claim is not marked as unclaimed or expired.
-- entrypoint: deep
SELECT
    'workouts' AS table_name,
    w.id::TEXT AS row_key,
    CASE
        WHEN wc.id IS NULL THEN 'is marked as claimed but nobody claimed it'
        ELSE 'has a claim but is marked as ' || coalesce(w.claim_status, 'unclaimed')
    END AS problem
FROM public.workouts AS w
LEFT JOIN public.workout_claims AS wc ON w.id = wc.workout_id
WHERE
    (wc.id IS NULL AND w.claim_status = 'claimed')
    OR (wc.id IS NOT NULL AND coalesce(w.claim_status, 'unclaimed') IN ('unclaimed', 'expired'))
UNION ALL
SELECT
    'workout_sessions' AS table_name,
    ws.id::TEXT AS row_key,
    CASE
        WHEN sc.id IS NULL THEN 'is marked as claimed but nobody claimed it'
        ELSE 'has a claim but is marked as ' || coalesce(ws.claim_status, 'unclaimed')
    END AS problem
FROM public.workout_sessions AS ws
LEFT JOIN public.session_claims AS sc ON ws.id = sc.session_id
WHERE
    (sc.id IS NULL AND ws.claim_status = 'claimed')
    OR (sc.id IS NOT NULL AND coalesce(ws.claim_status, 'unclaimed') IN ('unclaimed', 'expired'));
