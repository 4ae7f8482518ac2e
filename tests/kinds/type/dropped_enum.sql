-- before
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TABLE item (feels mood DEFAULT 'sad');
COMMENT ON TYPE mood IS 'How';
-- after
DROP TYPE mood CASCADE;

-- differences
-- missing type mood
-- missing column item.feels
-- missing comment type mood (warning)
-- statements
CREATE TYPE mood AS ENUM ('sad', 'it''s ok')
--
ALTER TABLE item ADD COLUMN feels mood DEFAULT 'sad'::mood
--
COMMENT ON TYPE mood IS 'How'
