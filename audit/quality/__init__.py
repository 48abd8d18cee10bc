"""Quality: what customers and reviewers think of sessions, and what that adds up to.

Pure rules, without I/O or a clock:

    scorecards.py    versioned scorecards, answers, the score; standard_scorecards/ holds the ones that come along
    scorecard_files.py   a scorecard's file, and what is wrong with it, line by line
    marks.py         rules that notice things in a session's events; marks.toml holds the ones that come along
    sessions.py      what quality knows of one session, collected event by event
    brokers_word.py  what is used of the broker's word of a session
    sampling.py      which sessions come to review, drawn so that anybody can draw them again
    previews.py      what drawing by a plan would come to
    people.py        who may do and see what
    reviews.py       assignment, draft, submission, dispute, decision, and who sees which
    calibration.py   how far two reviewers agree
    statistics.py    Wilson, Cohen, sample sizes
    figures.py       the figures of a population of sessions
    reports.py       figures over a period, grouped, and as CSV

and around them:

    store.py         what has to be kept, as an interface; audit/storage/ keeps it
    desk.py          every use case: who asks, rules, store; desk_core.py what all stand on, then desk_sampling.py,
                     desk_reviews.py and desk_calibration.py
    intake.py        from recordings to what quality knows of them
    command_line/    `consentry review …`

The same as routes is in `audit/service/http_api/reviews.py` and `audit/service/http_api/quality.py`.
"""
