-- Every note says when it was written.
WITH mended AS (
    UPDATE public.notes AS n SET written_at = now() WHERE n.written_at IS NULL RETURNING n.id
)
SELECT m.id FROM mended AS m;
