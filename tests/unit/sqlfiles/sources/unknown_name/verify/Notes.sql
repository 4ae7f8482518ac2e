-- Every note says when it was written.
-- entrypoint: deep
SELECT id FROM public.notes WHERE written_at IS NULL;
