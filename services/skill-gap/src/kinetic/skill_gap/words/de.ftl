association-with = { $kpi } geht mit { $competency } einher: Wo ein Team alles davon statt nichts kann, steht die Kennzahl { $size } Standardabweichungen besser, wahrscheinlich zwischen { $low } und { $high }. { $teams } Teams, { $weeks } Wochen; ein Muster, kein Nachweis.
association-against = { $kpi } läuft { $competency } entgegen: Wo ein Team alles davon statt nichts kann, steht die Kennzahl { $size } Standardabweichungen schlechter, wahrscheinlich zwischen { $low } und { $high }. { $teams } Teams, { $weeks } Wochen; ein Muster, kein Nachweis.
association-unclear = Ob { $kpi } mit { $competency } einhergeht, ist nicht klar: wahrscheinlich zwischen { $low } und { $high } Standardabweichungen, wobei 0 keines von beiden ist. { $teams } Teams, { $weeks } Wochen.
association-too-little =
    Ob { $kpi } mit { $competency } einhergeht, darüber ist zu wenig bekannt: In { $teams ->
        [one] { $teams } Team
       *[other] { $teams } Teams
    } hat sich das Können bewegt, über { $weeks ->
        [one] { $weeks } Woche
       *[other] { $weeks } Wochen
    }. Es braucht { $least_teams } Teams, die sich ähnlich bewegen, und { $least_weeks } Wochen.
