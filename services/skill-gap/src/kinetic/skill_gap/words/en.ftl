# How a KPI goes with a competency. What goes together has no direction: no message says why.
association-with = { $kpi } goes together with { $competency }: where a team holds all of it instead of none, it stands { $size } standard deviations better, likely between { $low } and { $high }. { $teams } teams, { $weeks } weeks; a pattern, not proof.
association-against = { $kpi } goes against { $competency }: where a team holds all of it instead of none, it stands { $size } standard deviations worse, likely between { $low } and { $high }. { $teams } teams, { $weeks } weeks; a pattern, not proof.
association-unclear = It is not clear whether { $kpi } goes together with { $competency }: likely between { $low } and { $high } standard deviations, where 0 is neither. { $teams } teams, { $weeks } weeks.
association-too-little =
    Too little is known of whether { $kpi } goes together with { $competency }: what is held of it has moved in { $teams ->
        [one] { $teams } team
       *[other] { $teams } teams
    }, over { $weeks ->
        [one] { $weeks } week
       *[other] { $weeks } weeks
    }. It takes { $least_teams } teams that move alike, and { $least_weeks } weeks.
