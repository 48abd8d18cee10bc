### The quality desk: `consentry review …`.

command-review-next = Review what is due first: shows the session, replays it, and asks line by line.
    .records = The records folder. The database of reviews stands beside it.
    .key = Audit key file. Give it several times for several keys.
    .reviewer = Who you are. By default, your user name.
    .marks = Your organisation's rules for marks, in place of the ones that come along.
    .examples =
        consentry review next --records ./records --key ~/audit.key
        # with CONSENTRY_RECORDS and CONSENTRY_AUDIT_KEY set once
        consentry review next

command-review-score = Fill a scorecard by options, for scripts. Without --draft it is submitted for good.
    .review = The review's number, or its beginning, as `consentry review list` shows it.
    .records = The records folder. The database of reviews stands beside it.
    .key = Audit key file. Give it several times for several keys.
    .reviewer = Who you are. By default, your user name.
    .answer = Points, and if you like a moment and a note: cause-found=2 @3:10 the log was read first. n: does not apply.
    .comment = What you want to say of the whole session.
    .draft = Keep it as a draft; lines may be missing.
    .examples =
        consentry review score 4f1c --draft --answer "cause-found=2 @3:10 the log was read first" --answer way-back=n

command-review-list = List reviews: assigned, drafts, submitted, disputed.
    .records = The records folder. The database of reviews stands beside it.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .mine = Only those that are assigned to you.
    .status = Only those in this state.
    .examples =
        consentry review list --mine
        consentry review list --status disputed
        consentry review list --json | jq -r 'select(.auto_fails != []) | .session.session_id'

command-review-show = Show a review in full.
    .review = The review's number, or its beginning, as `consentry review list` shows it.
    .records = The records folder. The database of reviews stands beside it.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review show 4f1c

command-review-assign = Assign a session to a reviewer, because somebody asked for it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .records = The records folder. The database of reviews stands beside it.
    .to = Who is to review it. By default, you.
    .scorecard = By which scorecard, its newest version. `consentry review scorecards` lists them.
    .days = Until when, in days from now.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review assign 3fa8 --to ana --scorecard security-conduct --days 3

command-review-dispute = Dispute a submitted review, once, with grounds.
    .review = The review's number, or its beginning, as `consentry review list` shows it.
    .grounds = Why it should be looked at again.
    .records = The records folder. The database of reviews stands beside it.
    .by = Who disputes it, if that is not you: the engineer whose session it was.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review dispute 4f1c "the cause is named at 3:10" --by "Mei Example"

command-review-decide = Decide a dispute, once: kept, amended (with other answers) or struck (counts nowhere).
    .review = The review's number, or its beginning, as `consentry review list` shows it.
    .outcome = kept, amended or struck.
    .records = The records folder. The database of reviews stands beside it.
    .words = Why.
    .answer = With amended: the answers that stand from now on, as for `consentry review score`.
    .reviewer = Who you are. By default, your user name. The reviewer cannot decide.
    .examples =
        consentry review decide 4f1c kept --words "the log shows it only at 5:00"
        consentry review decide 4f1c amended --answer "cause-found=2 @3:10" --words "overlooked"

command-review-scorecards = List scorecards, show one, or add a version from a file.
    .name = Show this one, in its newest version.
    .records = The records folder. The database of reviews stands beside it.
    .add = A scorecard in TOML. A version that is kept never changes: raise its number.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review scorecards
        consentry review scorecards remote-diagnosis
        consentry review scorecards --add our-scorecard.toml

command-review-sample = Choose sessions for review by plan: at random, or for a reason.

command-review-sample-plan = Make a sampling plan. A random one gets a seed, so that anybody can draw again.
    .name = The plan's name: a to z, digits, dashes.
    .records = The records folder. The database of reviews stands beside it.
    .to = Who reviews; give it several times. Work goes to whoever has least to do, and never to the session's engineer.
    .kind = random, low-rating, mark, or mystery.
    .each = Of a random plan: so many sessions of each engineer. By default 2.
    .margin = Of a random plan, instead of --each: as many as know a share to within this margin, such as 0.1.
    .mark = Of a plan for marks: which rule. Give it several times for several.
    .stars = Of a plan for low ratings: so many stars or fewer.
    .scorecard = By which scorecard, its newest version at each run.
    .days = How many days reviewers have.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review sample plan monthly --each 3 --to ana --to ben
        consentry review sample plan risky --kind mark --mark root-scope --mark bulk-out --scorecard security-conduct --to ana

command-review-sample-run = Draw by a plan, over the sessions that ended within a period, and assign what is new.
    .name = The plan's name.
    .records = The records folder. The database of reviews stands beside it.
    .from = First day, as 2026-11-01. By default 30 days up to today.
    .to = Last day, included.
    .zone = Time zone in which days begin, as Asia/Shanghai.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .marks = Your organisation's rules for marks, in place of the ones that come along.
    .examples =
        consentry review sample run monthly --from 2026-11-01 --to 2026-11-30 --zone Asia/Shanghai

command-review-sample-list = List plans with their seeds, and what was drawn.
    .records = The records folder. The database of reviews stands beside it.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review sample list

command-review-sample-check = Draw a run again from its seed.
    .run-id = The run's number, or its beginning.
    .records = The records folder. The database of reviews stands beside it.
    .reviewer = Who you are. By default, your user name.
    .exit-status =
        0: the same sessions come out.
        1: others do.
    .examples =
        consentry review sample check 9b2e

command-review-calibrate = Give one session to two reviewers, blind; without a session, show how far reviewers agree.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .records = The records folder. The database of reviews stands beside it.
    .with = One of the two reviewers. Give it twice.
    .scorecard = By which scorecard, its newest version.
    .days = Until when, in days from now.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review calibrate 3fa8 --with ana --with ben
        consentry review calibrate

command-review-mystery = Flag a session as a planted visit: kept out of customer figures, and told to no engineer.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .records = The records folder. The database of reviews stands beside it.
    .remove = Take the flag away.
    .note = What the visit was to find out.
    .reviewer = Who you are. By default, your user name.
    .examples =
        consentry review mystery 3fa8 --note "asks for a password at the end"

command-review-report = Figures over a period, each with its interval and the sessions behind it.
    .records = The records folder. The database of reviews stands beside it.
    .from = First day, as 2026-11-01. By default 30 days up to today.
    .to = Last day, included.
    .zone = Time zone in which days begin, as Asia/Shanghai.
    .by = all, engineer or team (ranked by the lower end of CSAT), tier, month or week.
    .team = Only sessions of this team; `-` for those of none.
    .tier = Only sessions of this tier; `-` for those of none.
    .within = The target for the first response, in seconds.
    .open = List the sessions behind one figure, by its name in --csv: ● counts for it, ○ does not.
    .csv = Print CSV.
    .key = Audit key file. With it, recordings that came in since are read first.
    .reviewer = Who you are. By default, your user name.
    .marks = Your organisation's rules for marks, in place of the ones that come along.
    .examples =
        consentry review report --from 2026-11-01 --to 2026-11-30 --zone Asia/Shanghai
        consentry review report --by engineer --csv > november.csv
        consentry review report --by team --tier gold
        consentry review report --open csat

review-form-how =

    Each line: points, then if you like a moment and a note. For example: 2 @3:10 the log was read first
    n does not apply · ? help on this line · r replay (r 3:10 from there) · b back · s save and stop
review-form-not-applicable = n does not apply
review-form-does-not-apply = does not apply
review-form-weight = weight { $weight }
review-form-auto-fail = fails the session if at its worst
review-form-comment = What do you want to say of the whole session? (Enter: nothing)
review-form-submit = Submit? It cannot be changed afterwards. y submit · s save as draft · a number answers that line again:
review-form-score = Quality score: { $points } of 100
review-form-auto-failed = Failed outright by: { $criteria }

review-nothing = Nothing is assigned to you, and no session waits for a review.
review-take-it = Nothing is assigned to you. Nobody has reviewed this session. Review it? y yes · n no:
review-nothing-taken = Nothing was assigned.
review-which-scorecard = By which scorecard? Its number (Enter: 1):
review-submitted = Submitted: review { $review }. See it with: consentry review show { $review }
review-saved = Kept as a draft: { $count } of { $all } lines. Go on with: consentry review next
review-replay-elsewhere = Replay it in a terminal: consentry audit replay { $session }
review-list-empty = There are no reviews. `consentry review next` begins one; `consentry review sample plan` draws many.
review-scorecard-kept = Kept: { $scorecard }.
review-plan-made = Kept: plan { $plan }. Its seed: { $seed }
review-plans-empty = There are no sampling plans yet.
review-run = Drawing { $run }: { $count } assigned, out of { $population } that could be drawn at random.
review-redrawn =
    .same = Drawn again from its seed, { $run } gives the same sessions.
    .other = Drawn again from its seed, { $run } gives OTHER sessions. Its list was changed.
review-calibrations-empty = No calibration yet: `consentry review calibrate SESSION --with NAME --with NAME` begins one.
review-calibration-made = Assigned to { $first } and { $second }. Neither sees the other's score before both are in.
review-mystery =
    .flagged = Session { $session } is a mystery session.
    .removed = Session { $session } is no mystery session any more.

review-session =
    Session   { $session }
    Opened    { $opened }, { $minutes } min
    Engineer  { $engineer } ({ $number })
    Customer  { $customer }
    Reason    { $reason }
    Ticket    { $ticket }
    Recording { $recording }
review-case =
    Review    { $review } by { $reviewer }, { $status }
    Scorecard { $scorecard }
    Due       { $due }
    Why       { $reason }
review-dispute = Disputed by { $who }: { $grounds }
review-decision = Decided by { $who }: { $outcome }. { $words }
review-status =
    .assigned = assigned
    .late = late
    .draft = draft
    .submitted = submitted
    .disputed = disputed
    .kept = kept
    .amended = amended
    .struck = struck
review-reason =
    .random = random pick
    .low-rating = low rating
    .mark = mark
    .request = asked for
    .mystery = mystery session

review-report-head =
    { $count ->
        [one] One session that ended
       *[other] { $count } sessions that ended
    } from { $first } to { $last } ({ $zone })
review-report-only-team = Only sessions of the team { $name }.
review-report-only-tier = Only sessions of the tier { $name }.
review-report-none = (none)
review-report-empty = No session ended in this period.
review-report-too-few = * rests on fewer than { $limit }: too few to say much.
review-report-column =
    .figure = figure
    .value = value
    .interval = 95 % (from–to)
    .count = rests on
    .plot = {"  "}
review-figure-csat = satisfied (4 or 5 of 5)
review-figure-dsat = dissatisfied (1 or 2 of 5)
review-figure-response-rate = answered the rating
review-figure-resolved-first-session = solved in the first session
review-figure-fcr = first-contact resolution, 7 days
review-figure-speed-of-answer-median = speed of answer, median (min)
review-figure-speed-of-answer-p90 = speed of answer, P90 (min)
review-figure-queue-service-level = taken within the promise
review-figure-abandonment = gave up in the queue
review-figure-first-response-median = first response, median (min)
review-figure-first-response-p90 = first response, P90 (min)
review-figure-service-level = first response within { $seconds } s
review-figure-handling-median = handling, median (min)
review-figure-handling-p90 = handling, P90 (min)
review-figure-quality-random = quality score, random
review-figure-auto-fails-random = auto-fails, random
review-figure-critical-error-accuracy-random = no critical error, random
review-figure-quality-reason = quality score, with a reason
review-figure-auto-fails-reason = auto-fails, with a reason
review-figure-critical-error-accuracy-reason = no critical error, with a reason
review-calibration-points = { $points } points apart
review-calibration-standing =
    .in = submitted
    .waits = still to do
review-calibration-column =
    .pair = reviewers
    .criterion = criterion
    .sessions = sessions
    .apart = points apart
    .agreed = same answer
    .kappa = κ
    .remark = {"  "}
review-calibration-apart = talk about the standard
