"""`consentry practice`: a broker, an audit service and a customer on this machine; the reader is the engineer.

Everything is the real thing, started the way people start it; only the customer is a program that reads the request out
and says yes. All data stays in one folder, and a second start finds it again.

    <data>/broker/      the broker's data: keys, database, sealed records
    <data>/audit/       the audit service's data, and the audit key, which the broker never sees
    <data>/engineer/    the reader's own state, logged in (CONSENTRY_HOME)
    <data>/administrator-password    of the account that looks after people, in the broker's console
    <data>/reviewer-password    of the account that looks back, at the audit service's desk
    <data>/customer/    the practice customer: its state, and `files`, the folder that it shares

command.py      the command, from the first start to Ctrl-C
claims.py       what one practice has for itself while it runs: its folder, its ports
place.py        that folder: found at the first start, found again later
stage.py        session after session: what the reader is told, and what the practice customer answers
servers.py      broker and audit service, for as long as a block runs; started again where they stop by themselves
together.py     several of our own commands in one process, which sets that folder up
processes.py    our own commands as processes: run to their end, or for as long as a block runs
"""
