-- The ledger: what was applied, when, by whom, and what the catalog looked like when it was proved.
CREATE SCHEMA IF NOT EXISTS entrypoint;

CREATE TABLE IF NOT EXISTS entrypoint.history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT history_pkey PRIMARY KEY,
    release integer NOT NULL,
    digest text NOT NULL,
    files jsonb NOT NULL,
    server_version integer NOT NULL,
    method text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds double precision NOT NULL,
    service text NOT NULL,
    instance text NOT NULL,
    commit text NOT NULL,
    environment text NOT NULL,
    steps jsonb NOT NULL,
    expected jsonb NOT NULL,
    verification jsonb NOT NULL,
    fingerprint text NOT NULL
);

CREATE TABLE IF NOT EXISTS entrypoint.migrations (
    number integer NOT NULL CONSTRAINT migrations_pkey PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    outcome text NOT NULL,
    release integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds double precision NOT NULL
);

CREATE TABLE IF NOT EXISTS entrypoint.stamp (
    singleton boolean NOT NULL DEFAULT true CONSTRAINT stamp_pkey PRIMARY KEY,
    environment text NOT NULL
        CONSTRAINT stamp_environment_check CHECK (environment IN ('production', 'development', 'preview')),
    stamped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT stamp_singleton_check CHECK (singleton)
);

COMMENT ON SCHEMA entrypoint IS 'The ledger of morse-entrypoint. Nothing of the application lives here.';
COMMENT ON TABLE entrypoint.history IS 'One row for each start that changed or first proved the database; the newest is in force.';
COMMENT ON TABLE entrypoint.migrations IS 'Versioned migrations: applied here, contained in the baseline that was, or deferred until after COMMIT.';
COMMENT ON TABLE entrypoint.stamp IS 'Which environment this database belongs to; starts of any other never write.';
