association-with = { $kpi } va de pair avec { $competency } : là où une équipe en maîtrise tout au lieu de rien, l’indicateur est meilleur de { $size } écarts types, sans doute entre { $low } et { $high }. { $teams } équipes, { $weeks } semaines ; une tendance, pas une preuve.
association-against = { $kpi } va à l’inverse de { $competency } : là où une équipe en maîtrise tout au lieu de rien, l’indicateur est moins bon de { $size } écarts types, sans doute entre { $low } et { $high }. { $teams } équipes, { $weeks } semaines ; une tendance, pas une preuve.
association-unclear = On ne voit pas clairement si { $kpi } va de pair avec { $competency } : sans doute entre { $low } et { $high } écarts types, où 0 veut dire ni l’un ni l’autre. { $teams } équipes, { $weeks } semaines.
association-too-little =
    On en sait trop peu pour dire si { $kpi } va de pair avec { $competency } : dans { $teams ->
        [one] { $teams } équipe
       *[other] { $teams } équipes
    } la maîtrise a changé, sur { $weeks ->
        [one] { $weeks } semaine
       *[other] { $weeks } semaines
    }. Il faut { $least_teams } équipes qui changent de façon comparable, et { $least_weeks } semaines.
