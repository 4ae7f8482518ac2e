-- before
CREATE TABLE reading (at date NOT NULL) PARTITION BY RANGE (at);
-- after
DROP TABLE reading;
CREATE TABLE reading (at date NOT NULL) PARTITION BY LIST (at);

-- differences
-- changed table reading
-- statements
-- refused
