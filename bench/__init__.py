"""Measures Consentry against its peers, in the same run, on the same machine, turn by turn: `make bench`.

    __main__.py   the command: which families, how many rounds, table, results/latest.json, RESULTS.md
    core/         what every family uses: rounds, statistics, results, processes, what has to be installed
    deployment/   who is measured: our broker, customer and engineer; sshd and a jump host; haproxy; a slow link
    families/     one file per family of figures; each says what exactly is timed
    studies/      memory under abuse, load that is held, cost against size, where the time of a key goes:
                  `python -m bench abuse|held|growth|hops`
    results/      latest.json, the last run's figures

A figure means nothing alone: machines differ, and a shared one differs from minute to minute. So each round measures us
and the peer one after the other, in an order that is drawn anew, and what counts is the median over the rounds of the
ratio within a round.
"""
