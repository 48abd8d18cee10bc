"""Who is measured, as real processes.

people.py         our broker, a customer who allows everything, an engineer; started as a person would start them
openssh.py        the peer: sshd as the machine to reach, and a second one as the jump host
terminal.py       a stock ssh client with a terminal at the far end, driven key by key
haproxy.py        the relay's peer
relay_process.py  our relay without the rest of the broker, in a process of its own
leg_ends.py       both ends of relayed connections, the same for us and for haproxy
slow_link.py      a TCP link with delay
unrecorded.py     an agent whose recorder drops everything: to see what recording costs. Not part of the product
"""
