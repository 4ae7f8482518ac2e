-- before
CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'it''s');
-- after
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('b');

-- differences
-- changed type mood
-- statements
ALTER TYPE mood ADD VALUE 'a' BEFORE 'b'
--
ALTER TYPE mood ADD VALUE 'c'
--
ALTER TYPE mood ADD VALUE 'it''s'
