### The desk's pages for those who lead and administer: retention, sampling, scorecards, marks, state.

desk-admin-place-retention = Retention
desk-admin-place-sampling = Sampling
desk-admin-place-scorecards = Scorecards
desk-admin-place-marks = Marks
desk-admin-place-state = State
desk-admin-session-number = Session number
desk-admin-open = Open
desk-admin-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
desk-admin-reason = Reason
desk-admin-reason-help = It is noted with your name; others can read it, and nobody can take it back.

## Retention

desk-admin-classes = Classes
desk-admin-classes-lead = Before its floor nobody can erase a recording, after it two people can. By itself only under a policy.
desk-admin-class = Class
desk-admin-class-standard = Standard
desk-admin-class-short = Short
desk-admin-class-pci = Card data
desk-admin-class-means-standard = Everything, unless somebody says otherwise.
desk-admin-class-means-short = What the law wants kept for six months and no longer.
desk-admin-class-means-pci = Environments where card data is handled.
desk-admin-class-set = Change the class …
desk-admin-floor = Kept at least
desk-admin-kept = Recordings
desk-admin-held = Held
desk-admin-due = May be erased
desk-admin-due-title = Past their floor
desk-admin-due-empty = Nothing may be erased yet: every recording is younger than its class asks, or held.
desk-admin-asked-already = asked for
desk-admin-erase-ask = Ask to erase …
desk-admin-erase-all = Ask to erase all { $count } …
desk-admin-erase-title = { $count ->
    [one] Ask to erase this recording?
   *[other] Ask to erase { $count } recordings?
}
desk-admin-erase-lead = Nothing is erased now: somebody else has to confirm it first, and reads your reason.
desk-admin-erase-do = Ask
desk-admin-holds = Legal holds
desk-admin-holds-empty = Nothing is held. Open a session by its number to hold its recording.
desk-admin-lift = Lift the hold …
desk-admin-lift-title = Lift this hold?
desk-admin-lift-lead = It was placed because: { $reason }. Once lifted, two people can erase the recording as soon as its class allows.
desk-admin-lift-do = Lift the hold
desk-admin-decisions = What was decided
desk-admin-erased-at = Erased on { $time }. What is left of it is sealed bytes that nothing opens, their chain, and their place in the log.
desk-admin-held-because = Under a legal hold: { $reason }
desk-admin-going-on = The session goes on. How long its recording is kept counts from its end.
desk-admin-erasable-since = Two people can erase it since { $day }.
desk-admin-erasable-from = Nobody can erase it before { $day }.
desk-admin-hold = Legal hold
desk-admin-hold-lead = While it is held nobody can erase the recording, however old it is.
desk-admin-hold-place = Place a hold …
desk-admin-two-people = What takes two people
desk-admin-two-people-lead = You ask; { $names } can confirm. Nobody confirms what they asked for.
desk-admin-export-ask = Ask for an export …
desk-admin-act-class = Change
desk-admin-act-class-title = Change the class?
desk-admin-act-class-lead = It is kept as “{ $class }” from now on. A class with a lower floor can make it erasable at once.
desk-admin-act-hold = Hold
desk-admin-act-hold-title = Hold this recording?
desk-admin-act-hold-lead = Nobody can erase it until somebody lifts the hold. Whoever tries reads your reason.
desk-admin-act-lift = Lift the hold
desk-admin-act-lift-title = Lift this hold?
desk-admin-act-lift-lead = Two people can then erase the recording as soon as its class allows.
desk-admin-act-export = Ask
desk-admin-act-export-title = Ask for an export?
desk-admin-act-export-lead = Once { $names } has confirmed, you can download the recording in the open for a day. It is then a file that nothing protects.
desk-admin-act-erase = Ask
desk-admin-act-erase-title = Ask to erase this recording?
desk-admin-act-erase-lead = Nothing is erased now: { $names } has to confirm it first. Then nobody can bring it back.

## Requests of two people

desk-admin-requests = Exports and erases
desk-admin-requests-open = Open ({ $count })
desk-admin-requests-all = All
desk-admin-requests-none-open = Nothing waits for anybody.
desk-admin-requests-empty = Nobody has asked for an export or an erase yet.
desk-admin-decisions-empty = Nothing was decided yet.
desk-admin-kind-export = export
desk-admin-kind-erase = erase
desk-admin-state-asked = waits for a second person
desk-admin-state-confirmed = confirmed
desk-admin-state-under-way = being erased
desk-admin-state-refused = refused
desk-admin-state-done = erased
desk-admin-asked-by = asked by { $name }, { $time }
desk-admin-confirmed-by = confirmed by { $name }, { $time }
desk-admin-refused-by = refused by { $name }, { $time }
desk-admin-own-request = You asked for it, so somebody else confirms it: { $names }.
desk-admin-others-confirm = { $names } can confirm it.
desk-admin-confirm = Confirm
desk-admin-refuse = Refuse
desk-admin-decide-title-confirm = Confirm this { $kind }?
desk-admin-decide-title-refuse = Refuse this { $kind }?
desk-admin-decide-lead-export = { $name } can then download the recording in the open for a day. It is noted as an export.
desk-admin-decide-lead-erase = The recording is destroyed at once: here, in its index, in copies of its keys and at the broker. Nobody can bring it back. Its sealed bytes, their chain and their place in the log stay, and still verify.
desk-admin-decide-lead-refuse = Nothing is done. { $name } can ask again.
desk-admin-fetch = Download:
desk-admin-format-asciicast = terminal (asciicast)
desk-admin-format-text = text
desk-admin-format-jsonl = events (JSON Lines)

## Sampling

desk-admin-reviewers = Reviewers
desk-admin-reviewer = Reviewer
desk-admin-to-do = To review
desk-admin-late = Late
desk-admin-plans = Plans
desk-admin-plans-lead = A plan says which sessions come to review. A random one keeps a seed, so that anybody can check that the choice was chance.
desk-admin-plans-empty = No plan yet. Make one below: two sessions of each engineer, say.
desk-admin-plan-new = Make a plan
desk-admin-plan-name = Name
desk-admin-plan-name-help = Small letters, digits and dashes. A name is never used for another plan.
desk-admin-plan-kind = What it takes
desk-admin-plan-random = at random
desk-admin-plan-low-rating = low ratings
desk-admin-plan-mark = marked sessions
desk-admin-plan-mystery = planted visits
desk-admin-plan-means-random = Random picks alone feed the rates of the reports.
desk-admin-plan-means-low-rating = Picked for a reason: reported apart from random picks.
desk-admin-plan-means-mark = Picked for a reason: reported apart from random picks.
desk-admin-plan-means-mystery = Picked for a reason: reported apart from random picks.
desk-admin-plan-reviewers = Who reviews; nobody gets a session of their own
desk-admin-plan-keep = Keep the plan
desk-admin-plan-keep-lead = A plan never changes, so that its draws can be checked.
desk-admin-takes-number = { $count } for each stratum ({ $by })
desk-admin-takes-margin = as many as know a share within ± { $margin } ({ $by })
desk-admin-takes-low =
    { $stars ->
        [one] one star
       *[other] { $stars } stars or fewer
    }
desk-admin-takes-marks = with marks: { $marks }
desk-admin-takes-mystery = every planted visit
desk-admin-strata = Strata
desk-admin-stratum = Stratum
desk-admin-stratum-by-engineer = by engineer
desk-admin-stratum-by-team = by team
desk-admin-stratum-by-none = all together
desk-admin-stratum-all = All
desk-admin-stratum-low-rating = Low ratings
desk-admin-stratum-mark = Marked
desk-admin-stratum-mystery = Planted visits
desk-admin-size = How many
desk-admin-size-number = A number for each stratum
desk-admin-size-margin = A margin for the whole
desk-admin-margin-percent = Margin, in percent
desk-admin-stars = Stars at most
desk-admin-marks-of-plan = Marks
desk-admin-population = Sessions
desk-admin-drawn = Drawn
desk-admin-fresh = New to the plan
desk-admin-preview-title = What it would draw
desk-admin-preview = Preview
desk-admin-preview-total = { $count ->
    [one] One session would be given to reviewers.
   *[other] { $count } sessions would be given to reviewers.
}
desk-admin-preview-empty = No session that ended in this period can be reviewed. Choose another period.
desk-admin-first = From
desk-admin-last = Until
desk-admin-period-help = Sessions that ended on these days. Left empty: the thirty days up to today.
desk-admin-due-days = Days to review
desk-admin-made = Made
desk-admin-seed = Seed
desk-admin-draw-title = Draw
desk-admin-draw = Draw and assign …
desk-admin-draw-sure = Draw by “{ $plan }”?
desk-admin-draw-lead = { $count ->
    [one] One session is given to a reviewer, due in { $days } days. The draw is kept for good.
   *[other] { $count } sessions are given to reviewers, due in { $days } days. The draw is kept for good.
}
desk-admin-given = { $count ->
    [0] Drawn: nothing was new, so nobody got anything.
    [one] Drawn: one session was given to a reviewer.
   *[other] Drawn: { $count } sessions were given to reviewers.
}
desk-admin-runs = Draws
desk-admin-runs-empty = Nothing was drawn by this plan yet.
desk-admin-run-drawn = { $drawn } of { $population }
desk-admin-redraw = Draw again
desk-admin-same = the same sessions
desk-admin-not-same = other sessions
desk-admin-pick = Have one session reviewed
desk-admin-pick-lead = Picked on request: reported apart from random picks.
desk-admin-assign = Assign
desk-admin-assigned = Assigned to { $reviewer }, due { $day }.
desk-admin-mysteries = Planted visits
desk-admin-mysteries-lead = Engineers are never told, and figures of customers leave them out. A session can be flagged before it happens.
desk-admin-mysteries-empty = No session is flagged.
desk-admin-flag = Flag as planted
desk-admin-unflag = Take the flag away
desk-admin-unflag-title = Take this flag away?
desk-admin-unflag-lead = The session counts as one of a real customer again, also in figures of the past.

## Scorecards

desk-admin-scorecards-lead = What reviews judge by. A version never changes once it is kept; whatever changes, the version rises.
desk-admin-version = version { $version }
desk-admin-version-which = Version
desk-admin-criteria = { $count ->
    [one] One criterion, weight { $total }
   *[other] { $count } criteria, weights of { $total } in all
}
desk-admin-may-not-apply = may not apply
desk-admin-retired = retired { $day }
desk-admin-retire = Retire …
desk-admin-retire-title = Retire { $name }?
desk-admin-retire-lead = No new review and no draw goes by it any more. Reviews that do, go on, and figures of the past stay. It can be offered again.
desk-admin-retire-do = Retire
desk-admin-offer = Offer again
desk-admin-scorecard-new = Add a version from a file
desk-admin-scorecard-file = Scorecard (TOML)
desk-admin-scorecard-file-help = It is read first, and kept only when you say so. The file must be smaller than 64 KiB.
desk-admin-scorecard-right = { $name }, version { $version }: nothing is wrong with it.
desk-admin-scorecard-keep = Keep this version
desk-admin-scorecard-keep-lead = New reviews go by it from then on. It cannot be changed or taken back, only retired.
desk-admin-scorecard-kept = Kept: { $name }, version { $version }.
desk-admin-problems = { $count ->
    [one] One thing is wrong with { $file }. Mend it, then choose the file again.
   *[other] { $count } things are wrong with { $file }. Mend them, then choose the file again.
}
desk-admin-problem-line = line { $line }
desk-admin-problem-whole = the file
desk-admin-problem-not-toml = This is not TOML: { $detail }
desk-admin-problem-too-large = The file is larger than { $detail } bytes.
desk-admin-problem-missing = { $detail } is missing here.
desk-admin-problem-unknown = { $where } is nothing that a scorecard has.
desk-admin-problem-value = { $where }: { $detail }
desk-admin-problem-name = { $where } must be of small letters, digits and dashes, and begin with a letter.
desk-admin-problem-least = { $where } must be at least { $detail }.
desk-admin-problem-too-few = { $where } must have at least { $detail }.
desk-admin-problem-number = { $where } must be a whole number, without quotes.
desk-admin-problem-text = { $where } must be text, in quotes.
desk-admin-problem-points-rise = The points of the scale { $detail } must rise from level to level.
desk-admin-problem-first-zero = The first level of the scale { $detail } must have 0 points.
desk-admin-problem-twice = There is a criterion { $detail } already.
desk-admin-problem-no-such-scale = There is no scale { $detail }.
desk-admin-problem-no-such-section = There is no section { $detail }.
desk-admin-problem-weightless = The criterion { $detail } has weight 0, which only auto_fail gives a meaning.
desk-admin-problem-no-weight = No criterion has a weight, so there would be no score.

## Marks

desk-admin-marks-lead = What a rule notices, so that a person looks. A mark accuses nobody.
desk-admin-marks-empty = There is no rule: no recording is marked.
desk-admin-marks-change = They are changed on the audit machine, in the file marks.toml of the data folder.
desk-admin-mark-kind-scope = a grant that holds one of these
desk-admin-mark-kind-bytes-out = more read out of files, added up, than
desk-admin-mark-kind-files-out = more files read than
desk-admin-mark-kind-pause = the recorder holds everything up for longer than
desk-admin-mark-kind-recording = the recording ends up
desk-admin-mark-kind-clock = the two clocks are further apart than
desk-admin-mark-kind-refused-more = the customer refuses an engineer who already had access
desk-admin-mark-kind-redacted = a secret was blotted out
desk-admin-mark-kind-command = a command that matches
desk-admin-mark-kind-chat = a line of chat that matches
desk-admin-mark-kind-output-differs = the engineer's program saw other output than was recorded

## State

desk-admin-feed = The broker
desk-admin-connected = connected
desk-admin-not-connected = does not answer
desk-admin-broker = Address
desk-admin-heard = Last told something
desk-admin-fetching = Sessions being fetched
desk-admin-profile-version = Profile, version
desk-admin-log = The log, as it was seen from here
desk-admin-log-name = Name
desk-admin-log-size = Entries
desk-admin-log-unseen = nothing seen yet
desk-admin-log-waiting = Entries of ours that wait
desk-admin-log-needed = Witnesses that a proof needs
desk-admin-log-caught =
    { $count ->
        [one] contradicted itself once
       *[other] contradicted itself { $count } times
    }
desk-admin-log-caught-lead = The log showed something that contradicts what it showed before. The evidence is kept in the data folder, under logs. Do not delete it; find out who changed the log.
desk-admin-cosigned = vouched { $time }
desk-admin-not-cosigned = has not vouched for what was seen last
desk-admin-no-witness = No witness is named in the profile: proofs count without one.
desk-admin-no-log = No log is known: the broker's profile was not read yet, or names none.
desk-admin-keys = Audit keys
desk-admin-key-named = new recordings are sealed to it
desk-admin-key-old = opens older recordings alone
desk-admin-no-key = This service has no key: it keeps recordings, and opens none.
desk-admin-phase-none = not being rotated
desk-admin-phase-started = rotation begun
desk-admin-phase-overlap = both keys in force
desk-admin-phase-completed = rotation completed
desk-admin-phase-rolled-back = rotation rolled back
desk-admin-phase-means-none = Begun on this machine with: consentry audit key rotate start
desk-admin-phase-means-started = A new key is made. It counts once the broker's profile names it, too.
desk-admin-phase-means-overlap = New recordings open with either. Completed on this machine with: consentry audit key rotate complete
desk-admin-phase-means-completed = The old key stays here, for what it opens.
desk-admin-phase-means-rolled-back = The new key stays here, for what was sealed to it.
desk-admin-run-there = To be run on the broker's machine:
desk-admin-backups = Copies of what opens recordings
desk-admin-backups-empty = No copy was made yet. Without one, a lost disk is the end of every recording.
desk-admin-in-reach = in reach: an erase destroys there at once
desk-admin-not-in-reach = out of reach: an erase destroys there with the next copy
desk-admin-place-people = People
desk-admin-people = People of the audit service
desk-admin-people-lead = People are added and changed on the audit service's own machine, or by your organisation's sign-in. Here you see where they are logged in, end that, and read what was decided.
desk-admin-person-disabled = locked out
desk-admin-person-totp = one-time number
desk-admin-person-no-totp = no one-time number
desk-admin-person-logins = Logins
desk-admin-person-end-lead = Whatever they look at there ends within seconds. They can sign in again.

## Erasing by itself

desk-admin-policies = Erasing by itself
desk-admin-policies-open = Open and in force: { $count }
desk-admin-policies-lead = Under a policy, what is past its floor is erased by itself, at least { $days } days after it is announced. A policy takes two people; anybody who may confirm ends it. A hold wins over it.
desk-admin-policies-empty = No policy: nothing is erased unless two people ask for it.
desk-admin-policy-asked = waits for a second person
desk-admin-policy-confirmed = in force
desk-admin-policy-refused = refused
desk-admin-policy-ended = ended
desk-admin-policy-ended-by = ended by { $name }, { $time }
desk-admin-policy-own = You asked for it, so somebody else confirms it.
desk-admin-policy-end = End it
desk-admin-policy-ask = Ask for a policy: { $class } …
desk-admin-policy-ask-title = Erase by itself: { $class }?
desk-admin-policy-ask-lead = Once somebody else has confirmed it, every recording of this class that is past its floor and not held is erased by itself, { $days } days after it was announced. Nobody is asked again.
desk-admin-policy-ask-do = Ask for it
desk-admin-policy-title-confirm = Erase by itself: { $class }?
desk-admin-policy-title-refuse = Refuse this policy?
desk-admin-policy-title-end = End this policy?
desk-admin-policy-lead-confirm = From now on every recording of this class that is past its floor and not held is erased by itself, { $days } days after it was announced. Nobody can bring one back.
desk-admin-policy-lead-refuse = Nothing is erased by itself. They can ask again.
desk-admin-policy-lead-end = Nothing of this class is erased by itself from now on, also what was announced. Another policy takes two people again.
desk-admin-policy-end-do = End the policy
desk-admin-scheduled-nobody = no policy: somebody has to ask for its erase
desk-admin-scheduled-notice = policy { $policy }: not announced yet
desk-admin-scheduled-at = policy { $policy } erases it after { $time }

## Journal

desk-admin-place-journal = Journal
desk-admin-journal-lead = What was decided or noticed, by the broker and by the audit service, the newest first. Security monitors are told the same.
desk-admin-journal-kind = What
desk-admin-journal-source = Where
desk-admin-journal-who = Who (user name)
desk-admin-journal-any = all
desk-admin-journal-source-broker = broker
desk-admin-journal-source-audit = audit service
desk-admin-journal-show = Show
desk-admin-journal-take = Take away all that fits:
desk-admin-journal-empty = Nothing of that kind was decided or noticed.
desk-admin-event-recording-view = Recording looked at
desk-admin-event-recording-search = Recordings searched
desk-admin-event-recording-download = Recording downloaded
desk-admin-event-recording-export = Recording exported
desk-admin-event-recording-hold = Legal hold put on
desk-admin-event-recording-lift-hold = Legal hold lifted
desk-admin-event-recording-retention = Class of retention changed
desk-admin-event-recording-erase = Recording erased
desk-admin-event-request-asked = Export or erase asked for
desk-admin-event-request-confirmed = Export or erase confirmed
desk-admin-event-request-refused = Export or erase refused
desk-admin-event-request-done = Erase done
desk-admin-event-retention-due = Retention is over
desk-admin-event-policy-asked = Policy asked for
desk-admin-event-policy-confirmed = Policy confirmed
desk-admin-event-policy-refused = Policy refused
desk-admin-event-policy-ended = Policy ended
desk-admin-event-recording-not-sound = Recording is not whole
desk-admin-event-events-missing = Decisions of the broker are missing

## Security monitors

desk-admin-place-monitors = Monitors
desk-admin-monitors-lead = Security monitors that are told what happens in sessions, what is decided and who looks. Never contents.
desk-admin-monitors-empty = No security monitor is fed.
desk-admin-monitors-change = They are named on the audit service's own machine, in this file of its data folder, which is read when the service starts:
desk-admin-monitor-fails = takes nothing
desk-admin-monitor-behind = catching up
desk-admin-monitor-told = told everything
desk-admin-monitor-since = Since { $time }.
desk-admin-monitor-to = To
desk-admin-monitor-format = Form
desk-admin-monitor-delivered = Last delivered
desk-admin-monitor-entries = Entries of the journal that wait
desk-admin-monitor-sessions = Sessions that wait
desk-admin-monitor-oldest = Oldest that waits
