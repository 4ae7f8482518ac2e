-- before
CREATE DOMAIN code AS text DEFAULT 'x' NOT NULL;
-- after
ALTER DOMAIN code DROP DEFAULT;
ALTER DOMAIN code DROP NOT NULL;

-- differences
-- changed type code
-- statements
ALTER DOMAIN code SET DEFAULT 'x'::text
--
ALTER DOMAIN code SET NOT NULL
