"""Agent, broker, engineer and record store in one process, on one virtual clock, network and disk, from one seed.

    python -m simulation --seed 17 --steps 20000 --trace

The real code runs, as far as it goes; what is under it is simulated, and breaks on purpose. The same seed does the same
again, to the last step, so a failure that was seen once can be looked at for as long as it takes.

    loop.py          an asyncio event loop whose time is virtual: it jumps to whatever is due next
    threads.py       threads, queues and executors as greenlets on that loop: a thread waits in virtual time too
    nodes.py         a machine that can crash at any step: what it had in memory is never heard of again
    disk.py          a disk per machine: what was not synced may be lost, torn or zeroed when the power goes
    network.py       connections that delay, stall, break, and sometimes do not say so
    websockets.py    the broker's conversations over such connections
    transports.py    byte connections for relay legs: flow control, fragments, half-open ends
    surroundings.py  what the product finds in place of clocks, random numbers, threads and sockets
    storage.py       a model of the broker's database
    broker.py, agent.py, engineer.py, customer.py    the machines and the people; shell.py: what they share
    organisation.py  whose keys, engineers and auditor they are
    scenarios.py     what is played: whole.py, recording.py, relaying.py
    observer.py      the promises, checked whenever something happens that could break one
    streams.py       what comes out of each stream; chatting.py: who is told which line of chat
    faults.py        what goes wrong, and when
    house.py         puts it all together: one seed, one run
"""
