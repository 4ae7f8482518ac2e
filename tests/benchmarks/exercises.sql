-- As many exercises as $1 says, of a thousand workouts; their ids ascend, so that the indexes fill quickly.
INSERT INTO exercises (id, workout_id, exercise_name, muscle_groups, sets, reps, effort_level, order_in_workout)
SELECT
    lpad(to_hex(number), 32, '0')::UUID AS id,
    lpad(to_hex(1 + number % 1000), 32, '0')::UUID AS workout_id,
    'squat ' || number % 100 AS exercise_name,
    ARRAY['legs'] AS muscle_groups,
    3 AS sets,
    ARRAY[8, 8, 8] AS reps,
    1 + number % 10 AS effort_level,
    number % 12 AS order_in_workout
FROM generate_series(1, $1::INTEGER) AS numbers (number);
