"""`python -m soak`: a whole deployment under load, whose processes are killed at random, for as long as one likes.

    __main__.py     the command line; run.py: one soak from its first process to its last look
    house.py        one organisation: the broker, the wire in front of it, what is struck and started again
    dice.py         what is killed when: everything random, out of one seed
    post.py         one customer and one engineer; each agent's life from its start to its books
    load.py         what they do with each other: a shell that floods and echoes, copies, commands
    clients.py      the engineers' processes, as the dice find them
    screen.py       reads a terminal and knows what must stand in it
    books.py        what must be true of every recording, at every moment and at the end
    leftovers.py    processes, descriptors, spools and half-written files that nobody should leave behind
    striker.py      throws the dice and kills
    faults.py       every system call of the append paths fails once (tests/faults plays the stories)
    network.py      `python -m soak.network`: transfers through a real link that loses packets and is cut
    namespaces.py   that link: a network namespace, two virtual cards, and ways to spoil them
    tally.py        what was done and what went wrong, counted by many threads
    report.py       progress, table, results/latest.json

A kill is SIGKILL. What dies may take along what is its own: a killed agent its session, a killed `scp` its copy. What
nobody touched has to go on and end well: an `scp` that fails although neither it, nor its agent, was killed is a
violation, and so is a wrong byte, a missing acknowledged record, a recording that verify cannot explain.
"""
