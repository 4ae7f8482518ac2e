-- Every sequence hands out keys that no row has yet; after a careless restore it would hand out used ones.
-- entrypoint: deep
SELECT
    'teams_team_id_seq' AS sequence_name,
    s.last_value::TEXT AS last_value,
    max(t.team_id)::TEXT AS highest_key
FROM public.teams AS t
CROSS JOIN public.teams_team_id_seq AS s
GROUP BY s.last_value, s.is_called
HAVING max(t.team_id) >= s.last_value + s.is_called::INTEGER
UNION ALL
SELECT
    'team_memberships_membership_id_seq' AS sequence_name,
    s.last_value::TEXT AS last_value,
    max(tm.membership_id)::TEXT AS highest_key
FROM public.team_memberships AS tm
CROSS JOIN public.team_memberships_membership_id_seq AS s
GROUP BY s.last_value, s.is_called
HAVING max(tm.membership_id) >= s.last_value + s.is_called::INTEGER;
