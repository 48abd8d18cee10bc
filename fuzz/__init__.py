"""Bytes from strangers, as many as you like: whatever is read before anything is trusted has a target here.

    python -m fuzz                            what there is
    python -m fuzz record --minutes 10        one target; `all` takes each for that long

target.py     what a target is, and the list of all
targets/      by subject: messages, pairing, streams, requests, records, documents, files, screens
mutation.py   how an input becomes another one
reach.py      which lines an input reached: those that reach new ones are bred from
campaign.py   the loop, for where atheris is not installed; with atheris, that does the looking for
corpus/       inputs that once broke something, one folder per target: each is a test for ever

A target takes bytes and returns. It swallows the errors that its subject documents, and nothing else; it asserts what
must hold besides. `tests/hostile/test_fuzzing.py` runs all of them with a fixed budget.
"""
