"""What is not a ratio to a peer: what happens to us under abuse, under load that is held, and as sizes grow.

    python -m bench abuse     docs/images/abuse.png: memory under attack, and what others notice of it
    python -m bench held      docs/images/held.png: memory, descriptors and echo while many sessions stand
    python -m bench growth    docs/images/growth_*.png: cost against size

Each writes its figures beside its picture, as JSON. Sizes are options, so that tests can run them small.
"""
