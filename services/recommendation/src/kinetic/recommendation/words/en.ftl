# How days and moments are written (CLDR date patterns).
pattern-day = d MMM
pattern-moment = d MMM HH:mm
# What slipped. A gap carries its newest evidence only, so there may have been more than are counted.
kind-delivery-delayed =
    { $count ->
        [one] A late delivery
       *[other] At least { $count } late deliveries
    }
kind-delivery-failed =
    { $count ->
        [one] A failed delivery
       *[other] At least { $count } failed deliveries
    }
kind-quality-defect =
    { $count ->
        [one] A defect
       *[other] At least { $count } defects
    }
kind-service-breached =
    { $count ->
        [one] A missed service level
       *[other] At least { $count } missed service levels
    }
kind-service-incident =
    { $count ->
        [one] An incident
       *[other] At least { $count } incidents
    }
kind-customer-dissatisfied =
    { $count ->
        [one] A dissatisfied customer
       *[other] At least { $count } dissatisfied customers
    }
kind-sales-lost =
    { $count ->
        [one] A lost sale
       *[other] At least { $count } lost sales
    }
kind-security-finding =
    { $count ->
        [one] A security finding
       *[other] At least { $count } security findings
    }
kind-safety-incident =
    { $count ->
        [one] A safety incident
       *[other] At least { $count } safety incidents
    }
kind-other =
    { $count ->
        [one] A signal “{ $kind }”
       *[other] At least { $count } signals “{ $kind }”
    }
slip-on = { $what } on { $day }
slip-since = { $what } since { $day }
slip-number = The number “{ $kpi }” slipped
slip-unseen = { $competency }: the work asks for more than the team holds
# Why it is suggested.
also-seen = Also seen: { $items }.
list-last = { $items }; and { $last }
linked =
    The capability map links this to { $competency }: { $people } of { $team ->
        [one] { $team } person
       *[other] { $team } people
    } { $people ->
        [one] is
       *[other] are
    } below the level that their role needs.
teaches = “{ $content }” teaches it.
teaches-partly = “{ $content }” teaches it up to level { $level }; { $required } is needed.
# What it takes, and what is known of its effect.
effort-one =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
effort-several =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    } each, { $total } in total
expected-one-way =
    Expected: { $measure } { $mean }% { $way ->
        [lower] lower
       *[higher] higher
    }, likely between { $low }% and { $high }% { $way ->
        [lower] lower
       *[higher] higher
    }.
expected-both-ways =
    Expected: { $measure } { $mean }% { $way ->
        [lower] lower
       *[higher] higher
    }, likely between { $low }% lower and { $high }% higher.
basis-pattern =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    } who finished it against { $others } similar; a pattern, not proof.
basis-effect =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    } with it against { $others } without, { $method ->
        [holdout] drawn by lot
       *[differences] compared before and after
    }: an effect.
measured-in-teams =
    Measured effect: { $mean } standard deviations of the number, likely between { $low } and { $high }; above 0 is better. { $n ->
        [one] { $n } team
       *[other] { $n } teams
    }.
not-measured = No measured effect yet.
not-measured-so-far = No measured effect yet: { $completions } of { $needed } completions.
# What can be done.
action-assign =
    Assign to { $people ->
        [one] { $people } person
       *[other] { $people } people
    }
action-review =
    Review and assign to { $people ->
        [one] { $people } person
       *[other] { $people } people
    }
action-choose = Choose people
action-snooze = Later
action-dismiss = Not relevant
action-why = See why
action-undo = Undo
action-send = Send
snooze-tomorrow = Until tomorrow
snooze-monday = Until Monday
snooze-moved = Until it moves again
dismissal-already_covered = We already cover this
dismissal-wrong_people = Wrong people
dismissal-wrong_skill = Wrong skill for this problem
dismissal-wrong_evidence = The evidence is wrong
dismissal-bad_timing = Bad timing
# What came of it.
done-assigned =
    Assigned “{ $content }” to { $people ->
        [one] { $people } person
       *[other] { $people } people
    } on { $moment }.
done-dismissed = Dismissed on { $moment }: { $reason }.
done-expired = Expired on { $moment }. Nothing was assigned.
done-withdrawn = Withdrawn on { $moment }: { $reason }.
done-snoozed = Snoozed until { $moment }.
done-snoozed-moved = Snoozed until it moves again.
withdrawal-gap_closed = the team has the skill again, or the work no longer asks for it
withdrawal-manager_changed = the people concerned have another manager now
withdrawal-content_retired = the content was retired or teaches something else now
left-out-not_a_report = no longer reports to you
left-out-inactive = has left
left-out-content_retired = the content was retired
left-out-no_lms_account = has no account in the learning platform yet
left-out-not_in_lms = the learning platform does not offer the content yet
# What is told when a press could not be carried out.
unchanged-moved-on = Nothing was changed. This suggestion is no longer the one in this message.
unchanged-not-yours = Nothing was changed. You have no such suggestion.
unchanged-people = Nothing was assigned. Not everybody concerned reports to you any more; others can still be chosen.
unchanged-directory = Nothing was changed. Who reports to whom cannot be confirmed at the moment; try again in a minute.
unchanged-stranger = Nothing was changed. Kinetic does not know this account; whoever keeps the directory can enter it.
unchanged-late = This takes longer than usual. Try again: what is pressed twice is done once.
# Ages of evidence.
age-now = just now
age-minutes =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
age-hours =
    { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
age-days =
    { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }
# What other services ask to be said.
reinforcement-title =
    { $completed } of { $assigned ->
        [one] { $assigned } person
       *[other] { $assigned } people
    } { $completed ->
        [one] has
       *[other] have
    } completed “{ $content }”
reinforcement-text = Nobody is still learning it. What will they do differently? Give it five minutes in the weekly review.
action-open = Open
notice-done = Done on { $moment }.
notice-expired = Expired on { $moment }.
notice-weekly_budget = Expired on { $moment }: the messages of the week were spent.
notice-quiet_hours = Expired on { $moment }: it was quiet until then.
notice-no_manager = Expired on { $moment }: nobody managed the team.
notice-manager_changed = Withdrawn on { $moment }: somebody else reads it now.
# Around a message.
how-often = Only you see this. At most { $count } a week.
change-how-often = Change how often or where
nothing-yet = Nothing is assigned until you confirm.
label-suggestion = Suggestion
label-effort = Effort
labelled = { $label }: { $text }
label-evidence = Evidence
digest-title =
    { $count ->
        [0] Nothing is waiting any more
        [one] { $count } message is waiting
       *[other] { $count } messages are waiting
    }

# Without mails.
unsubscribe-title = Stop these mails?
unsubscribe-what = Suggestions still wait for you in the console.
unsubscribe-button = Stop the mails
unsubscribed-title = You get no more of these mails
unsubscribed-what = Suggestions still wait for you in the console, where you can have mails again.
