# Wie Tage und Zeitpunkte geschrieben werden (Datumsmuster der CLDR).
pattern-day = d. MMMM
pattern-moment = d. MMMM HH:mm
kind-delivery-delayed =
    { $count ->
        [one] Eine verspätete Lieferung
       *[other] Mindestens { $count } verspätete Lieferungen
    }
kind-delivery-failed =
    { $count ->
        [one] Eine fehlgeschlagene Auslieferung
       *[other] Mindestens { $count } fehlgeschlagene Auslieferungen
    }
kind-quality-defect =
    { $count ->
        [one] Ein Fehler im Produkt
       *[other] Mindestens { $count } Fehler im Produkt
    }
kind-service-breached =
    { $count ->
        [one] Ein verfehltes Serviceziel
       *[other] Mindestens { $count } verfehlte Serviceziele
    }
kind-service-incident =
    { $count ->
        [one] Eine Störung
       *[other] Mindestens { $count } Störungen
    }
kind-customer-dissatisfied =
    { $count ->
        [one] Eine unzufriedene Rückmeldung aus der Kundschaft
       *[other] Mindestens { $count } unzufriedene Rückmeldungen aus der Kundschaft
    }
kind-sales-lost =
    { $count ->
        [one] Ein verlorener Abschluss
       *[other] Mindestens { $count } verlorene Abschlüsse
    }
kind-security-finding =
    { $count ->
        [one] Ein Sicherheitsbefund
       *[other] Mindestens { $count } Sicherheitsbefunde
    }
kind-safety-incident =
    { $count ->
        [one] Ein Vorfall der Arbeitssicherheit
       *[other] Mindestens { $count } Vorfälle der Arbeitssicherheit
    }
kind-other =
    { $count ->
        [one] Ein Signal „{ $kind }“
       *[other] Mindestens { $count } Signale „{ $kind }“
    }
slip-on = { $what } am { $day }
slip-since = { $what } seit { $day }
slip-number = Die Kennzahl „{ $kpi }“ hat nachgegeben
slip-unseen = { $competency }: Die Arbeit verlangt mehr, als das Team abdeckt
also-seen = Außerdem gesehen: { $items }.
list-last = { $items }; und { $last }
linked =
    Die Kompetenzlandkarte ordnet das { $competency } zu: { $people } von { $team ->
        [one] { $team } Person
       *[other] { $team } Personen
    } { $people ->
        [one] liegt
       *[other] liegen
    } unter der Stufe, die ihre Rolle braucht.
teaches = „{ $content }“ vermittelt es.
teaches-partly = „{ $content }“ vermittelt es bis Stufe { $level }; gebraucht wird { $required }.
effort-one =
    { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }
effort-several =
    je { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }, zusammen { $total }
expected-one-way =
    Erwartet: { $measure } { $mean } % { $way ->
        [lower] niedriger
       *[higher] höher
    }, wahrscheinlich zwischen { $low } % und { $high } % { $way ->
        [lower] niedriger
       *[higher] höher
    }.
expected-both-ways =
    Erwartet: { $measure } { $mean } % { $way ->
        [lower] niedriger
       *[higher] höher
    }, wahrscheinlich zwischen { $low } % niedriger und { $high } % höher.
basis-pattern =
    { $n ->
        [one] { $n } Person, die es abgeschlossen hat,
       *[other] { $n } Personen, die es abgeschlossen haben,
    } im Vergleich mit { $others } ähnlichen; ein Muster, kein Beweis.
basis-effect =
    { $n ->
        [one] { $n } Person
       *[other] { $n } Personen
    } mit und { $others } ohne, { $method ->
        [holdout] ausgelost
       *[differences] vorher und nachher verglichen
    }: eine Wirkung.
measured-in-teams =
    Gemessene Wirkung: { $mean } Standardabweichungen der Kennzahl, wahrscheinlich zwischen { $low } und { $high }; über 0 ist besser. { $n ->
        [one] { $n } Team
       *[other] { $n } Teams
    }.
not-measured = Noch keine gemessene Wirkung.
not-measured-so-far = Noch keine gemessene Wirkung: { $completions } von { $needed } Abschlüssen.
action-assign =
    { $people ->
        [one] { $people } Person
       *[other] { $people } Personen
    } zuweisen
action-review =
    Ansehen und { $people ->
        [one] { $people } Person
       *[other] { $people } Personen
    } zuweisen
action-choose = Personen auswählen
action-snooze = Später
action-dismiss = Nicht relevant
action-why = Mehr dazu
action-undo = Rückgängig
action-send = Senden
snooze-tomorrow = Bis morgen
snooze-monday = Bis Montag
snooze-moved = Bis sich wieder etwas bewegt
dismissal-already_covered = Das decken wir schon ab
dismissal-wrong_people = Falsche Personen
dismissal-wrong_skill = Falsche Kompetenz für dieses Problem
dismissal-wrong_evidence = Die Belege stimmen nicht
dismissal-bad_timing = Ungünstiger Zeitpunkt
done-assigned =
    „{ $content }“ am { $moment } { $people ->
        [one] { $people } Person
       *[other] { $people } Personen
    } zugewiesen.
done-dismissed = Am { $moment } abgelehnt: { $reason }.
done-expired = Am { $moment } abgelaufen. Nichts wurde zugewiesen.
done-withdrawn = Am { $moment } zurückgezogen: { $reason }.
done-snoozed = Zurückgestellt bis { $moment }.
done-snoozed-moved = Zurückgestellt, bis sich wieder etwas bewegt.
withdrawal-gap_closed = das Team hat die Kompetenz wieder, oder die Arbeit verlangt sie nicht mehr
withdrawal-manager_changed = die Personen haben jetzt eine andere Führungskraft
withdrawal-content_retired = der Inhalt wurde eingestellt oder vermittelt jetzt etwas anderes
left-out-not_a_report = berichtet nicht mehr an Sie
left-out-inactive = ist ausgeschieden
left-out-content_retired = der Inhalt wurde eingestellt
left-out-no_lms_account = hat noch kein Konto in der Lernplattform
left-out-not_in_lms = die Lernplattform bietet den Inhalt noch nicht an
unchanged-moved-on = Nichts wurde geändert. Dieser Vorschlag ist nicht mehr der in dieser Nachricht.
unchanged-not-yours = Nichts wurde geändert. Sie haben keinen solchen Vorschlag.
unchanged-people = Nichts wurde zugewiesen. Nicht alle Personen berichten noch an Sie; die anderen lassen sich weiterhin auswählen.
unchanged-directory = Nichts wurde geändert. Wer an wen berichtet, lässt sich gerade nicht bestätigen; versuchen Sie es in einer Minute noch einmal.
unchanged-stranger = Nichts wurde geändert. Kinetic kennt dieses Konto nicht; wer das Verzeichnis pflegt, kann es eintragen.
unchanged-late = Das dauert länger als sonst. Versuchen Sie es noch einmal: Was zweimal gedrückt wird, geschieht einmal.
age-now = gerade eben
age-minutes =
    { $count ->
        [one] vor { $count } Minute
       *[other] vor { $count } Minuten
    }
age-hours =
    { $count ->
        [one] vor { $count } Stunde
       *[other] vor { $count } Stunden
    }
age-days =
    { $count ->
        [one] vor { $count } Tag
       *[other] vor { $count } Tagen
    }
reinforcement-title =
    { $completed } von { $assigned ->
        [one] { $assigned } Person
       *[other] { $assigned } Personen
    } { $completed ->
        [one] hat
       *[other] haben
    } „{ $content }“ abgeschlossen
reinforcement-text = Niemand lernt es noch. Was ändert sich dadurch bei der Arbeit? Fünf Minuten in der wöchentlichen Runde reichen.
action-open = Öffnen
notice-done = Erledigt am { $moment }.
notice-expired = Abgelaufen am { $moment }.
notice-weekly_budget = Abgelaufen am { $moment }: Die Nachrichten der Woche waren verbraucht.
notice-quiet_hours = Abgelaufen am { $moment }: Bis dahin war Ruhezeit.
notice-no_manager = Abgelaufen am { $moment }: Niemand leitete das Team.
notice-manager_changed = Zurückgezogen am { $moment }: Jemand anderes liest es jetzt.
how-often = Nur Sie sehen das. Höchstens { $count } pro Woche.
change-how-often = Ändern, wie oft oder wo
nothing-yet = Nichts wird zugewiesen, bevor Sie bestätigen.
label-suggestion = Vorschlag
label-effort = Aufwand
labelled = { $label }: { $text }
label-evidence = Belege
digest-title =
    { $count ->
        [0] Nichts wartet mehr
        [one] { $count } Nachricht wartet
       *[other] { $count } Nachrichten warten
    }

unsubscribe-title = Diese E-Mails beenden?
unsubscribe-what = Vorschläge warten weiterhin in der Konsole auf Sie.
unsubscribe-button = E-Mails beenden
unsubscribed-title = Sie erhalten keine dieser E-Mails mehr
unsubscribed-what = Vorschläge warten weiterhin in der Konsole auf Sie; dort können Sie E-Mails wieder einschalten.
