-- Every note has a text.
-- entrypoint: deep
SELECT n.id FROM public.notes AS n WHERE n.body = '';
