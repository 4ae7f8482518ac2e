-- A device, a session and a thousand workouts, whose ids are the numbers 1 to 1000.
INSERT INTO users (id, device_uuid)
VALUES (lpad('1', 32, '0')::UUID, 'benchmark');

INSERT INTO workout_sessions (id, user_id, session_date)
VALUES (lpad('1', 32, '0')::UUID, lpad('1', 32, '0')::UUID, CURRENT_DATE);

INSERT INTO workouts (id, user_id, session_id, workout_date)
SELECT
    lpad(to_hex(number), 32, '0')::UUID AS id,
    lpad('1', 32, '0')::UUID AS user_id,
    lpad('1', 32, '0')::UUID AS session_id,
    CURRENT_DATE AS workout_date
FROM generate_series(1, 1000) AS numbers (number);
