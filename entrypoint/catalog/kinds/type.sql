WITH type AS MATERIALIZED (
    SELECT
        y.oid,
        y.typname,
        y.typtype,
        CASE y.typtype
            WHEN 'e' THEN format(
                'ENUM (%s)',
                (
                    SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
                    FROM pg_enum WHERE enumtypid = y.oid
                )
            )
            WHEN 'd' THEN format_type(y.typbasetype, y.typtypmod)
                || CASE
                    WHEN y.typcollation NOT IN (0, 'default'::regcollation)
                        THEN ' COLLATE ' || y.typcollation::regcollation
                    ELSE ''
                END
            WHEN 'c' THEN format(
                '(%s)', (
                    SELECT string_agg(
                        format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                        || CASE
                            WHEN a.attcollation NOT IN (0, 'default'::regcollation)
                                THEN ' COLLATE ' || a.attcollation::regcollation
                            ELSE ''
                        END,
                        ', ' ORDER BY a.attnum
                    )
                    FROM pg_attribute AS a
                    WHERE a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                )
            )
            ELSE (
                SELECT format(
                    'RANGE (%s)', concat_ws(
                        ', ',
                        'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
                        'SUBTYPE_OPCLASS = ' || (
                            SELECT quote_ident(opcname) FROM pg_opclass WHERE oid = r.rngsubopc AND NOT opcdefault
                        ),
                        CASE
                            WHEN r.rngcollation NOT IN (0, 'default'::regcollation)
                                THEN 'COLLATION = ' || r.rngcollation::regcollation
                        END,
                        'CANONICAL = ' || nullif(r.rngcanonical, 0)::regproc,
                        'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff, 0)::regproc,
                        'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL)
                    )
                )
                FROM pg_range AS r WHERE r.rngtypid = y.oid
            )
        END AS form,
        CASE WHEN y.typtype = 'd' THEN 'DEFAULT ' || y.typdefault END AS default_value,
        CASE WHEN y.typnotnull THEN 'NOT NULL' END AS not_null
    FROM pg_type AS y
    JOIN schema ON y.typnamespace = schema.oid
    -- The row type of a table belongs to the table.
    WHERE (y.typtype IN ('e', 'd', 'r') OR y.typrelid IN (SELECT oid FROM relation WHERE relkind = 'c'))
        AND y.oid NOT IN (SELECT objid FROM extension_member WHERE classid = 'pg_type'::regclass)
)
SELECT 'type', y.typname, NULL,
    json_build_object(
        'definition', CASE y.typtype WHEN 'd' THEN 'DOMAIN AS ' WHEN 'c' THEN 'AS ' ELSE '' END || y.form,
        'default', y.default_value, 'not_null', y.not_null
    ),
    CASE
        WHEN y.typtype = 'd'
            THEN json_build_object(
                'create', concat_ws(' ', format('CREATE DOMAIN %I AS', y.typname), y.form, y.default_value, y.not_null),
                'drop', format('DROP DOMAIN %I', y.typname),
                'default', format('ALTER DOMAIN %I ', y.typname) || coalesce('SET ' || y.default_value, 'DROP DEFAULT'),
                'not_null',
                format('ALTER DOMAIN %I ', y.typname)
                || CASE WHEN y.not_null IS NULL THEN 'DROP NOT NULL' ELSE 'SET NOT NULL' END
            )
        ELSE json_build_object(
            'create', format('CREATE TYPE %I AS %s', y.typname, y.form),
            'drop', format('DROP TYPE %I', y.typname),
            'add_label', CASE WHEN y.typtype = 'e' THEN format('ALTER TYPE %I ADD VALUE ', y.typname) END
        )
    END,
    NULL::text[], NULL::text,
    'pg_type'::regclass, y.oid, 0, format('%s %I', CASE y.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, y.typname)
FROM type AS y
