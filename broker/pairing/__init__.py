"""How two ends who share a code find each other, without the broker learning the code.

mailbox.py      one code's whole life as a pure machine: claimed once, four messages in order, one verdict
nameplates.py   which public numbers are free, open or resting
limits.py       the lock of an engineer who burns code after code
board.py        drives the above: sockets, storage and the clock
"""
