-- before
CREATE DOMAIN code AS varchar(5) COLLATE "C" DEFAULT 'x' NOT NULL CONSTRAINT code_check CHECK (VALUE <> '');
COMMENT ON DOMAIN code IS 'Code';
COMMENT ON CONSTRAINT code_check ON DOMAIN code IS 'Not empty';
-- after
DROP DOMAIN code;

-- differences
-- missing type code
-- missing comment type code (warning)
-- statements
CREATE DOMAIN code AS character varying(5) COLLATE "C" DEFAULT 'x'::character varying NOT NULL
--
ALTER DOMAIN code ADD CONSTRAINT code_check CHECK (VALUE::text <> ''::text)
--
COMMENT ON DOMAIN code IS 'Code'
--
COMMENT ON CONSTRAINT code_check ON DOMAIN code IS 'Not empty'
