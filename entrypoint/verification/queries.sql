-- name: violations
-- One more than is shown tells that there are more.
SELECT * FROM (
$check
) AS violation
LIMIT 21;
