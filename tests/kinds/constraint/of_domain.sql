-- before
CREATE DOMAIN age AS integer CONSTRAINT age_check CHECK (VALUE >= 0) CONSTRAINT age_max CHECK (VALUE < 200);
CREATE TABLE item (years age);
-- after
ALTER DOMAIN age DROP CONSTRAINT age_check;
ALTER DOMAIN age DROP CONSTRAINT age_max;
ALTER DOMAIN age ADD CONSTRAINT age_max CHECK (VALUE < 150);

-- differences
-- missing constraint age.age_check
-- changed constraint age.age_max
-- statements
ALTER DOMAIN age DROP CONSTRAINT age_max
--
ALTER DOMAIN age ADD CONSTRAINT age_check CHECK (VALUE >= 0)
--
ALTER DOMAIN age ADD CONSTRAINT age_max CHECK (VALUE < 200)
