WITH described (name, relation, classid, objid, objsubid, target) AS (
    SELECT format('%s %s', kind, name), coalesce(relation, CASE WHEN classid = 'pg_class'::regclass THEN name END),
        classid, objid, objsubid, target
    FROM object WHERE target IS NOT NULL
    UNION ALL
    -- What has no row of its own: the index of a constraint, the column of a view, the sequence of an identity column.
    SELECT
        format('%s %s', CASE t.relkind WHEN 'S' THEN 'sequence' ELSE 'index' END, t.relname), t.relname,
        'pg_class'::regclass, t.oid, 0,
        format('%s %I', CASE t.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END, t.relname)
    FROM relation AS t
    WHERE t.relkind IN ('S', 'i', 'I')
        AND t.oid NOT IN (SELECT objid FROM object WHERE classid = 'pg_class'::regclass)
    UNION ALL
    SELECT format('column %s.%s', t.relname, a.attname), t.relname, 'pg_class'::regclass, t.oid, a.attnum,
        format('COLUMN %I.%I', t.relname, a.attname)
    FROM relation AS t
    JOIN pg_attribute AS a ON t.oid = a.attrelid AND a.attnum > 0
    WHERE t.relkind IN ('v', 'm', 'c')
)
SELECT 'comment', d.name, d.relation,
    json_build_object('definition', c.description),
    json_build_object('create', format('COMMENT ON %s IS %L', d.target, c.description)),
    NULL::text[], NULL::text, d.classid, d.objid, d.objsubid, NULL::text
FROM described AS d
JOIN pg_description AS c ON d.classid = c.classoid AND d.objid = c.objoid AND d.objsubid = c.objsubid
