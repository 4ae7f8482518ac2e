-- before
CREATE TYPE mood AS ENUM ('a', 'b');
-- after
ALTER TYPE mood RENAME VALUE 'a' TO 'x';

-- differences
-- changed type mood
-- statements
-- refused
