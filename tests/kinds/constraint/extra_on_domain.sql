-- before
CREATE DOMAIN age AS integer;
-- after
ALTER DOMAIN age ADD CONSTRAINT mine CHECK (VALUE > 18);

-- differences
-- extra constraint age.mine
-- statements

