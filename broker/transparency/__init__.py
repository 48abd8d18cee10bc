"""The broker's part in the transparency log: what is entered when, and who is asked to vouch for it.

logbook.py       which event of a session becomes which entry; hands out proofs
witness_door.py  a witness, over HTTP
"""
