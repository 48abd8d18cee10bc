### The desk of reviewers and supervisors, in a browser, at the audit service.

desk-page-title = Desk
desk-page-tagline = What was done, as it was done.
desk-page-promise-noted = Whatever you look at is noted, with what you looked for; others can read it.
desk-page-promise-verified = Every recording is proved again from its own bytes before you see it.
desk-page-promise-key = Recordings are opened here alone. The broker holds no key for them.
desk-page-signed-in-as = { $name } · { $role }
desk-page-role-reviewer = reviewer
desk-page-role-external-reviewer = external reviewer
desk-page-role-supervisor = supervisor
desk-page-role-administrator = administrator
desk-page-places = Places
desk-page-place-sessions = Sessions
desk-page-place-search = Search
desk-page-place-views = Who saw what
desk-page-place-administration = Administration
desk-page-more = Show more
desk-page-time = Time
desk-page-error-lines = The answer ended too early. Try again.

## What to review

desk-page-reviews = Reviews
desk-page-reviews-mine = Mine ({ $count })
desk-page-reviews-others = All others
desk-page-reviews-mine-empty = Nothing to review. Open any session to begin a review of your own.
desk-page-reviews-others-empty = No other review yet.
desk-page-due = due { $day }
desk-page-score = score { $score }
desk-page-calibration = calibration
desk-page-session-of-nobody = Nobody named
desk-page-status-assigned = to review
desk-page-status-draft = draft
desk-page-status-submitted = submitted
desk-page-status-disputed = disputed
desk-page-status-kept = kept
desk-page-status-amended = amended
desk-page-status-struck = struck
desk-page-reason-random = drawn at random
desk-page-reason-low-rating = low rating
desk-page-reason-mark = marked
desk-page-reason-mystery = planted visit
desk-page-reason-request = asked for

## Sessions

desk-page-sessions = Sessions
desk-page-sessions-shown = { $shown } of { $loaded } loaded
desk-page-sessions-empty = No session yet. Each one appears here as soon as it is recorded.
desk-page-sessions-none-match = None of the loaded sessions fits. Take a filter away, or show more.
desk-page-filters = Filters
desk-page-filter-text = Engineer, customer, reason, ticket
desk-page-filter-recording = Any recording
desk-page-filter-whole = whole
desk-page-filter-not-whole = not whole
desk-page-filter-rating = Any rating
desk-page-filter-low = 2 stars or fewer
desk-page-filter-mark = Any mark
desk-page-filter-review = Any review
desk-page-filter-review-none = without a review
desk-page-filter-review-open = review open
desk-page-filter-review-done = reviewed
desk-page-recording-complete = whole
desk-page-recording-partial = end missing
desk-page-recording-arriving = going on
desk-page-recording-lost = lost
desk-page-recording-none = nothing recorded
desk-page-recording-erased = erased
desk-page-recording-broken = broken
desk-page-recording-hostile = hostile
desk-page-recording-sealed = sealed for others
desk-page-recording-unread = not read yet
desk-page-why-broken = The recording is not what was sealed: records are missing, or were changed.
desk-page-why-hostile = The recording could not be read safely. Its sealed records are kept.
desk-page-why-sealed = The recording is sealed to a key that is not here.
desk-page-why-unread = The recording could not be read so far.
desk-page-stars = { $stars } of 5 stars
desk-page-not-rated = not rated
desk-page-solved = solved
desk-page-not-solved = not solved
desk-page-held = legal hold
desk-page-keeping = Retention, hold, export
desk-page-records = { $count } sealed records
desk-page-lost = Nothing of this recording is here, although the session was recorded: its records never arrived, or the file that they begin with is gone.
desk-page-nothing-recorded = Nothing was recorded: the customer allowed nothing, or the recording has not arrived.
desk-page-erased = This recording was erased. Nothing of it can be opened any more.

## Purpose

desk-page-purpose = Purpose: what do you need it for?
desk-page-being-made = The recording is being made ready to be shown. It opens by itself.
desk-page-purpose-title = Open this recording
desk-page-purpose-lead = It shows somebody's machine. What you write is noted with your name, and others can read it.
desk-page-purpose-example = Quality review of November
desk-page-purpose-open = Open the recording

## Verification

desk-page-verifying = verifying …
desk-page-verify-again = Verify again
desk-page-verdict-intact = ✓ proved whole
desk-page-verdict-erased = erased, chain whole
desk-page-verdict-arriving = still arriving
desk-page-verdict-partial = end missing
desk-page-verdict-broken = ✕ not proved
desk-page-verdict-explained-intact = Everything that the customer's machine recorded is here, in order, as it was signed. These checks were made now, from the bytes:
desk-page-verdict-explained-erased = What opens it was destroyed on purpose. What is left of it was checked now:
desk-page-verdict-explained-arriving = What is here so far is right. More is to come.
desk-page-verdict-explained-partial = What is here is right, and the end is not: the machine or the network stopped in the middle.
desk-page-verdict-explained-broken = This recording is not what was signed, or the log contradicts it. Do not judge anybody by it.
desk-page-outcome-ok = right
desk-page-outcome-failed = failed
desk-page-outcome-remark = worth knowing
desk-page-outcome-unchecked = could not be checked

## Replay

desk-page-player = Replay
desk-page-terminal = Terminal as it was seen
desk-page-play = Play
desk-page-pause = Pause
desk-page-play-help = Space plays and pauses, the arrow keys move by five seconds.
desk-page-back = Back five seconds
desk-page-forward = Forward five seconds
desk-page-speed = Speed
desk-page-skip-idle = Skip silence
desk-page-channel = Terminal
desk-page-channel-room = The shared terminal
desk-page-position = Position in the recording
desk-page-position-of = { $position } of { $duration }
desk-page-lane-command = commands
desk-page-lane-file = files
desk-page-lane-consent = consent
desk-page-lane-mark = marks and gaps
desk-page-lane-other = others
desk-page-tabs = What is known of this session
desk-page-tab-entries = What happened
desk-page-tab-search = Search inside
desk-page-tab-files = Files
desk-page-tab-views = Who saw it
desk-page-entries-kind = Which entries
desk-page-entries-all = All ({ $count })
desk-page-entries-empty = Nothing of that kind happened.
desk-page-kind-output = on the terminal
desk-page-kind-command = command
desk-page-kind-file = file
desk-page-kind-consent = consent
desk-page-kind-session = session
desk-page-kind-forward = connection
desk-page-kind-gap = pause
desk-page-kind-chat = chat
desk-page-kind-note = note
desk-page-kind-mark = mark
desk-page-source-shown = read off the screen
desk-page-files-empty = No file was touched.
desk-page-file-action = What
desk-page-file-path = Where
desk-page-file-bytes = Bytes
desk-page-file-refused = refused
desk-page-file-failed = failed

## Search

desk-page-search-words = Words
desk-page-search-help = All words have to stand on one line. "In quotes": exactly so.
desk-page-search-purpose-help = It is noted for the search and for each session that it shows. The words are not.
desk-page-search-narrow = Narrow it down
desk-page-search-engineer = Engineer or staff number
desk-page-search-customer = Customer
desk-page-search-mark = Mark
desk-page-search-kind = Where
desk-page-search-any = anywhere
desk-page-search-first = From
desk-page-search-last = Until
desk-page-search-begin = Search
desk-page-searching = Searching …
desk-page-search-results = Found
desk-page-search-nothing = Nothing found.
desk-page-search-more = Search on
desk-page-search-more-in = { $count ->
    [one] One session holds more than is shown here: open it and search inside.
   *[other] { $count } sessions hold more than is shown here: open one and search inside.
}
desk-page-search-more-inside = There is more than is shown here: add a word.
desk-page-search-inside = Search in this recording

## Who saw what

desk-page-views-lead = Every look at a recording, by whom and what for. Nobody can take an entry back: its commitment stands in the public log.
desk-page-views-who = Who (user name)
desk-page-views-any = all
desk-page-views-kind = What
desk-page-looks-empty = Nobody has looked yet.
desk-page-all-sessions = all sessions
desk-page-action-view = looked
desk-page-action-search = searched
desk-page-action-download = downloaded
desk-page-action-export = exported
desk-page-action-hold = legal hold
desk-page-action-lift-hold = hold lifted
desk-page-action-retention = retention
desk-page-action-erase = erased

## Review

desk-page-review = Review
desk-page-review-which = Which review
desk-page-review-none = Nobody reviews this session yet.
desk-page-review-not-yet = It can be reviewed once it is over and could be read.
desk-page-review-not-in = Not submitted yet.
desk-page-review-by = { $reviewer } · { $reason }
desk-page-draft-unchanged = draft
desk-page-draft-unsaved = not saved yet
desk-page-draft-saving = saving …
desk-page-draft-saved = draft saved
desk-page-calibration-blind = Calibration: neither of you sees the other's score before both are in.
desk-page-auto-fail = fails the session
desk-page-weight = weight { $weight }
desk-page-not-applicable = does not apply
desk-page-pin = Pin { $time }
desk-page-pin-line = Pin “{ $line }” to { $time }
desk-page-unpin-line = Take the pin of “{ $line }” away
desk-page-to-pin = Go to { $time }, where “{ $line }” shows
desk-page-note = Note
desk-page-note-of = Note on “{ $line }”
desk-page-comment = In all
desk-page-answered = { $answered } of { $count } judged
desk-page-submit = Submit …
desk-page-submit-sure = A submitted review never changes. It can be disputed once, and somebody else decides.
desk-page-submit-for-good = Submit for good
desk-page-submit-back = Go on
desk-page-auto-failed = Failed by: { $lines }
desk-page-assign = Begin or assign a review
desk-page-scorecard = Scorecard
desk-page-assign-me = Review it myself
desk-page-assign-reviewer = Reviewer
desk-page-assign-other = Assign
desk-page-assign-second = Second reviewer
desk-page-assign-both = Calibrate: both, blind
desk-page-dispute = Dispute this review
desk-page-dispute-lead = That can be done once. Somebody other than the reviewer decides.
desk-page-dispute-grounds = Why is it not right?
desk-page-dispute-by = Who disputes it (if not you)
desk-page-dispute-raise = Raise the dispute
desk-page-dispute-raised = Disputed by { $by } on { $day }
desk-page-decide = Decide the dispute
desk-page-decide-words = In your words
desk-page-decide-lead = A decision is final.
desk-page-decide-for-good = Decide
desk-page-outcome-of-dispute-kept = kept as it is
desk-page-outcome-of-dispute-amended = amended
desk-page-outcome-of-dispute-struck = struck

## The wall

desk-page-place-live = Live
desk-page-wall-title = Look at running sessions
desk-page-wall-limit = The newest { $limit } are shown.
desk-page-every-mark = Marked or not
desk-page-only-marked = With any mark
desk-page-running-count = { $count ->
    [one] One session is running
   *[other] { $count } sessions are running
}
desk-page-running-empty = No session is running. One appears here a moment after its customer has said yes.
desk-page-running-none-of = None of the running sessions is of this team and tier.
desk-page-running-none-marked = None of them has such a mark.
desk-page-running-over = This session is over.
desk-page-act = Act at the broker
desk-page-happening = What happens
desk-page-happening-empty = Commands, files and consent appear here as they happen.
desk-page-to-replay = Open its recording
desk-page-over = over
desk-page-root = administrator's rights
desk-page-silent = silent for { $time }

## Reports

desk-page-place-reports = Reports
desk-page-zone = Time zone
desk-page-by = Grouped by
desk-page-by-all = all together
desk-page-by-engineer = engineer
desk-page-by-team = team
desk-page-by-tier = tier
desk-page-by-month = month
desk-page-by-week = week
desk-page-within = First response within (seconds)
desk-page-report-make = Show
desk-page-population =
    { $sessions ->
        [one] one session
       *[other] { $sessions } sessions
    } and { $requests ->
        [one] one request
       *[other] { $requests } requests
    } for help that ended from { $first } to { $last }, days of { $zone }
desk-page-report-empty = No session and no request for help ended in this period. Choose another one.
desk-page-csv = Download as CSV
desk-page-group-all = All
desk-page-group-unknown-engineer = Nobody
desk-page-count = n = { $count }
desk-page-too-few = few answers: this says little
desk-page-open-behind = Open its sessions
desk-page-open-behind-of = Open the sessions behind { $figure }
desk-page-behind = { $figure }: { $group }
desk-page-behind-which = Which sessions
desk-page-behind-all = all that count
desk-page-behind-hits = those with yes
desk-page-behind-rest = those with no
desk-page-behind-none = No session.
desk-page-behind-close = Close
desk-page-behind-without = { $count ->
    [one] One request more led to no session, and is counted.
   *[other] { $count } requests more led to no session, and are counted.
}
desk-page-plot = { $figure } over groups, with intervals; the same numbers stand in the report grouped by them
desk-page-plot-which = Plot
desk-page-plot-help = Whiskers are the Wilson interval at 95 %.
desk-page-figure-csat = Satisfied (4-5 stars)
desk-page-figure-dsat = Dissatisfied (1-2 stars)
desk-page-figure-response-rate = Customers who answered
desk-page-figure-resolved-first-session = Resolved in the first session
desk-page-figure-fcr = First contact resolution
desk-page-figure-speed-of-answer-median = Speed of answer, median
desk-page-figure-speed-of-answer-p90 = Speed of answer, P90
desk-page-figure-queue-service-level = Service level, queue
desk-page-figure-abandonment = Abandonment
desk-page-figure-first-response-median = First response, median
desk-page-figure-first-response-p90 = First response, P90
desk-page-figure-service-level = Service level, first response
desk-page-figure-handling-median = Handling time, median
desk-page-figure-handling-p90 = Handling time, P90
desk-page-figure-quality-random = Quality score, random picks
desk-page-figure-auto-fails-random = Auto-fails, random picks
desk-page-figure-critical-error-accuracy-random = Without a critical error, random picks
desk-page-figure-quality-reason = Quality score, picked for a reason
desk-page-figure-auto-fails-reason = Auto-fails, picked for a reason
desk-page-figure-critical-error-accuracy-reason = Without a critical error, picked for a reason
desk-page-calibrations = Calibration
desk-page-calibrations-lead = Where two reviewers scored one session without seeing each other. A good pair stays within 5 points and at κ ≥ 0.6.
desk-page-calibrations-empty = No calibration yet. Begin one beside the replay of a session.
desk-page-calibration-pair = Reviewers
desk-page-calibration-line = Line of a scorecard
desk-page-calibration-apart = Points apart
desk-page-calibration-agreed = Agreed
desk-page-calibration-sessions = Sessions that two reviewers were given
desk-page-calibration-session = Session
desk-page-calibration-reviewers = Reviewers
desk-page-calibration-is-in = submitted
desk-page-calibration-waits = still to do
desk-page-calibration-given = Given to { $first } and { $second }. Nobody sees a score before both are in; how far they are is under Reports.
desk-page-calibration-beside = { $reviewer }: { $score }. Lines that differ are coloured.
desk-page-judged-beside = { $reviewer }: { $level }
desk-page-was-judged = before the dispute: { $level }
desk-page-assign-open = { $count } to review
desk-page-reviews-assigned-empty = Nothing to review. What is given to you will stand here.

## What happened, in words

desk-page-happened-asked = asked for { $minutes } minutes: { $scopes }. Reason: { $reason }
desk-page-happened-asked-place = asked to take over from { $leaver }: { $scopes }. Reason: { $reason }
desk-page-happened-allowed = the customer allowed: { $scopes }
desk-page-happened-denied = the customer said no
desk-page-happened-timeout = the customer did not answer
desk-page-happened-changed = changed by { $by }: { $scopes }
desk-page-happened-joined = { $who } joined
desk-page-happened-left = { $who } left
desk-page-happened-taken-over = { $who } took over from { $leaver }
desk-page-happened-stopped = { $who } stopped the session: { $why }
desk-page-happened-ssh = { $who } may come in with an SSH program
desk-page-happened-paused = paused by { $by }
desk-page-happened-said = { $by }: { $text }
desk-page-happened-redacted = a secret was blotted out by the rule { $rule }
desk-page-engineer-number = engineer { $number }
desk-page-by-whom-customer = the customer
desk-page-by-whom-recorder = the recorder
desk-page-by-whom-time = time
desk-page-by-whom-session-end = the end of the session
desk-page-file-did-read = read
desk-page-file-did-write = wrote
desk-page-file-did-list = listed
desk-page-file-did-remove = removed
desk-page-file-did-rename = renamed
desk-page-file-did-make-folder = made the folder
desk-page-file-did-remove-folder = removed the folder
desk-page-file-did-set-attributes = changed attributes of
desk-page-file-did-link = linked
