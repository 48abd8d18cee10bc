"""Looks into a server's process from outside: which objects, which lines of code, which allocator have grown?

    sitecustomize.py   runs inside, before the server does; only a study puts this folder on the server's PYTHONPATH
    asking.py          asks it, and says in words what changed between two answers

Nothing of the product knows of it.
"""
