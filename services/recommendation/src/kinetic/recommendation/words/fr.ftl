# Comment s’écrivent les jours et les moments (modèles de date du CLDR).
pattern-day = d MMMM
pattern-moment = d MMMM HH:mm
kind-delivery-delayed =
    { $count ->
        [one] Une livraison en retard
       *[other] Au moins { $count } livraisons en retard
    }
kind-delivery-failed =
    { $count ->
        [one] Une livraison en échec
       *[other] Au moins { $count } livraisons en échec
    }
kind-quality-defect =
    { $count ->
        [one] Un défaut
       *[other] Au moins { $count } défauts
    }
kind-service-breached =
    { $count ->
        [one] Un niveau de service manqué
       *[other] Au moins { $count } niveaux de service manqués
    }
kind-service-incident =
    { $count ->
        [one] Un incident
       *[other] Au moins { $count } incidents
    }
kind-customer-dissatisfied =
    { $count ->
        [one] Un client mécontent
       *[other] Au moins { $count } clients mécontents
    }
kind-sales-lost =
    { $count ->
        [one] Une vente perdue
       *[other] Au moins { $count } ventes perdues
    }
kind-security-finding =
    { $count ->
        [one] Une vulnérabilité
       *[other] Au moins { $count } vulnérabilités
    }
kind-safety-incident =
    { $count ->
        [one] Un incident de sécurité au travail
       *[other] Au moins { $count } incidents de sécurité au travail
    }
kind-other =
    { $count ->
        [one] Un signal « { $kind } »
       *[other] Au moins { $count } signaux « { $kind } »
    }
slip-on = { $what } le { $day }
slip-since = { $what } depuis le { $day }
slip-number = L’indicateur « { $kpi } » a fléchi
slip-unseen = { $competency } : le travail en demande plus que l’équipe n’en couvre
also-seen = Également observé : { $items }.
list-last = { $items } ; et { $last }
linked =
    La carte des compétences relie cela à { $competency } : { $people } { $team ->
        [one] personne sur { $team }
       *[other] personnes sur { $team }
    } { $people ->
        [one] est
       *[other] sont
    } sous le niveau attendu pour leur rôle.
teaches = « { $content } » l’enseigne.
teaches-partly = « { $content } » l’enseigne jusqu’au niveau { $level } ; le niveau { $required } est attendu.
effort-one =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
effort-several =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    } par personne, { $total } au total
expected-one-way =
    Attendu : { $measure } { $way ->
        [lower] en baisse
       *[higher] en hausse
    } de { $mean } %, probablement entre { $low } % et { $high } %.
expected-both-ways =
    Attendu : { $measure } { $way ->
        [lower] en baisse
       *[higher] en hausse
    } de { $mean } %, probablement entre une baisse de { $low } % et une hausse de { $high } %.
basis-pattern =
    { $n ->
        [one] { $n } personne l’ayant terminé, comparée
       *[other] { $n } personnes l’ayant terminé, comparées
    } à { $others } semblables ; une tendance, pas une preuve.
basis-effect =
    { $n ->
        [one] { $n } personne
       *[other] { $n } personnes
    } avec et { $others } sans, { $method ->
        [holdout] par tirage au sort
       *[differences] avant et après
    } : un effet.
measured-in-teams =
    Effet mesuré : { $mean } écarts types de l’indicateur, probablement entre { $low } et { $high } ; au-dessus de 0, c’est mieux. { $n ->
        [one] { $n } équipe
       *[other] { $n } équipes
    }.
not-measured = Pas encore d’effet mesuré.
not-measured-so-far = Pas encore d’effet mesuré : { $completions } formations terminées sur { $needed }.
action-assign =
    Attribuer à { $people ->
        [one] { $people } personne
       *[other] { $people } personnes
    }
action-review =
    Examiner et attribuer à { $people ->
        [one] { $people } personne
       *[other] { $people } personnes
    }
action-choose = Choisir les personnes
action-snooze = Plus tard
action-dismiss = Pas pertinent
action-why = En savoir plus
action-undo = Annuler
action-send = Envoyer
snooze-tomorrow = Jusqu’à demain
snooze-monday = Jusqu’à lundi
snooze-moved = Jusqu’à ce que cela bouge de nouveau
dismissal-already_covered = Nous couvrons déjà cela
dismissal-wrong_people = Pas les bonnes personnes
dismissal-wrong_skill = Pas la bonne compétence pour ce problème
dismissal-wrong_evidence = Les éléments observés sont inexacts
dismissal-bad_timing = Pas le bon moment
done-assigned =
    « { $content } » attribué à { $people ->
        [one] { $people } personne
       *[other] { $people } personnes
    } le { $moment }.
done-dismissed = Écarté le { $moment } : { $reason }.
done-expired = Expiré le { $moment }. Rien n’a été attribué.
done-withdrawn = Retiré le { $moment } : { $reason }.
done-snoozed = Mis en attente jusqu’au { $moment }.
done-snoozed-moved = Mis en attente jusqu’à ce que cela bouge de nouveau.
withdrawal-gap_closed = l’équipe a de nouveau la compétence, ou le travail ne la demande plus
withdrawal-manager_changed = les personnes concernées ont maintenant un autre responsable
withdrawal-content_retired = le contenu a été retiré ou enseigne autre chose
left-out-not_a_report = ne dépend plus de vous
left-out-inactive = a quitté l’entreprise
left-out-content_retired = le contenu a été retiré
left-out-no_lms_account = n’a pas encore de compte sur la plateforme de formation
left-out-not_in_lms = la plateforme de formation ne propose pas encore le contenu
unchanged-moved-on = Rien n’a été modifié. Cette suggestion n’est plus celle de ce message.
unchanged-not-yours = Rien n’a été modifié. Vous n’avez pas de telle suggestion.
unchanged-people = Rien n’a été attribué. Les personnes concernées ne dépendent plus toutes de vous ; les autres peuvent encore être choisies.
unchanged-directory = Rien n’a été modifié. Les liens hiérarchiques ne peuvent pas être confirmés pour l’instant ; réessayez dans une minute.
unchanged-stranger = Rien n’a été modifié. Kinetic ne connaît pas ce compte ; la personne qui tient l’annuaire peut l’y inscrire.
unchanged-late = Cela prend plus de temps que d’habitude. Réessayez : ce qui est pressé deux fois n’est fait qu’une fois.
age-now = à l’instant
age-minutes =
    { $count ->
        [one] il y a { $count } minute
       *[other] il y a { $count } minutes
    }
age-hours =
    { $count ->
        [one] il y a { $count } heure
       *[other] il y a { $count } heures
    }
age-days =
    { $count ->
        [one] il y a { $count } jour
       *[other] il y a { $count } jours
    }
reinforcement-title =
    { $completed } { $completed ->
        [one] personne
       *[other] personnes
    } sur { $assigned } { $completed ->
        [one] a
       *[other] ont
    } terminé « { $content } »
reinforcement-text = Plus personne n’est en train de l’apprendre. Qu’est-ce qui va changer au travail ? Cinq minutes suffisent, au point hebdomadaire.
action-open = Ouvrir
notice-done = Terminé le { $moment }.
notice-expired = Expiré le { $moment }.
notice-weekly_budget = Expiré le { $moment } : les messages de la semaine étaient épuisés.
notice-quiet_hours = Expiré le { $moment } : c’étaient des heures calmes jusque-là.
notice-no_manager = Expiré le { $moment } : personne ne dirigeait l’équipe.
notice-manager_changed = Retiré le { $moment } : quelqu’un d’autre le lit désormais.
how-often = Visible par vous uniquement. Au plus { $count } par semaine.
change-how-often = Changer la fréquence ou le canal
nothing-yet = Rien n’est attribué avant votre confirmation.
label-suggestion = Suggestion
label-effort = Durée
labelled = { $label } : { $text }
label-evidence = Éléments observés
digest-title =
    { $count ->
        [0] Plus rien ne vous attend
        [one] { $count } message vous attend
       *[other] { $count } messages vous attendent
    }

unsubscribe-title = Arrêter ces e-mails ?
unsubscribe-what = Les suggestions vous attendent toujours dans la console.
unsubscribe-button = Arrêter les e-mails
unsubscribed-title = Vous ne recevrez plus ces e-mails
unsubscribed-what = Les suggestions vous attendent toujours dans la console, où vous pouvez réactiver les e-mails.
