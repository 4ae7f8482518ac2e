-- before
CREATE TABLE stay (during int4range, CONSTRAINT stay_during_excl EXCLUDE USING gist (during WITH &&) WHERE (during IS NOT NULL));
-- after
ALTER TABLE stay DROP CONSTRAINT stay_during_excl;

-- differences
-- missing constraint stay.stay_during_excl
-- statements
ALTER TABLE stay ADD CONSTRAINT stay_during_excl EXCLUDE USING gist (during WITH &&) WHERE (during IS NOT NULL)
