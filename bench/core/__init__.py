"""What every family of figures uses.

statistics.py   medians, percentiles, ratios of pairs
rounds.py       us and the peer in turn, in an order that is drawn for each round
results.py      one figure with its peer and its goal; the table, latest.json, RESULTS.md
workbench.py    the deployments that families measure with
processes.py    CPU time and memory of a process and all its children
watch.py        memory, descriptors and CPU time of a process while something happens to it
handings.py     who handed a key on to whom, and when, as the kernel saw it
plots.py        how pictures look, and the figures beside them
needs.py        what has to be installed, and how to get it
"""
