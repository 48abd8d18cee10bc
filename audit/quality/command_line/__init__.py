"""`consentry review …`: the quality desk in a terminal, over the audit side's own data folder.

app.py          the commands of a reviewer
filling.py      a review at the terminal: offered, played, filled in
review_tools.py what all commands share: options, the desk, how cases are shown
leading.py      the commands of those who lead: sampling, calibration, mystery sessions, reports
local_desk.py   opens the desk over a records folder and the database beside it
form.py         fills a scorecard, line by line
shown.py        cases, scorecards, reports as a person reads them
"""

from audit.quality.command_line import leading as leading
from audit.quality.command_line.app import app as app
