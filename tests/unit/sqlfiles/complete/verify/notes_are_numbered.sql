-- Every note has a number.
WITH numbered AS (SELECT n.id FROM public.notes AS n)
SELECT u.id FROM numbered AS u WHERE u.id IS NULL
