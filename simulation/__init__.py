"""Agent, broker, engineer and record store in one process, on one virtual clock, network and disk, from one seed.

    python -m simulation --scenario whole --seed 22 --steps 5000 --trace

The real code runs, as far as it goes; what is under it is simulated, and breaks on purpose. The same seed does the same
again, to the last step, so a failure that was seen once can be looked at for as long as it takes.

what is under the code
    loop.py          an asyncio event loop whose time is virtual: it jumps to whatever is due next
    threads.py       threads, queues and executors as greenlets on that loop: a thread waits in virtual time too
    nodes.py         a machine that can crash at any step: what it had in memory is never heard of again
    disk.py          a disk per machine: what was not synced may be lost, torn or zeroed when the power goes
    network.py       connections that delay, stall, break, and sometimes do not say so
    websockets.py    the broker's conversations over such connections
    transports.py    byte connections for relay legs: flow control, fragments, half-open ends
    storage.py       a model of the broker's database
    surroundings.py  the one table of what the product finds in place of clocks, chance, threads, sockets and disk

who lives there
    organisation.py  its keys, its engineers
    broker.py        the broker's own parts, put together on all that
    agent.py         the agent's own session, with models of the shared room and of the SSH server
    engineer.py      pairs, asks, works, hangs up, comes back
    customer.py      answers, narrows, pauses, ends; and the ledger of what they agreed to
    people.py        what people tell each other without the network
    shell.py         a program that puts out bytes

what is done
    recording.py     scenario: recorder, spool, upload, store
    relaying.py      scenario: heavy streams over legs through the relay
    whole.py         scenario: sessions from the first code to the rating
    scenarios.py     all of them by name

what goes wrong, and who watches
    faults.py        cuts, partitions, crashes at any step and in any disk call, slow and failing disks, clock jumps
    observer.py      the promises, checked at every message and every sync that could break one
    streams.py       both ends of every stream
    house.py         one seed, one run
    isolation.py     each run in a process of its own
"""
