"""Who is measured, as real processes.

people.py         our broker, a customer who allows everything, an engineer; started as a person would start them
openssh.py        the peer: sshd as the machine to reach, and a second one as the jump host
own_ssh.py        an engineer's own SSH key at the gateway; own_transfer.py: a transfer command of our own
browser.py        an engineer in the real Chromium; devtools.py: its DevTools port
terminal.py       a stock ssh client with a terminal at the far end, driven key by key
haproxy.py        the relay's peer
relay_process.py  our relay without the rest of the broker, in a process of its own
leg_ends.py       both ends of relayed connections, the same for us and for haproxy
slow_link.py      a TCP link with delay
cheap_ends.py     ends of websockets that cost so little that thousands fit into a process
cheap_sessions.py sessions made of them, as far as a broker can tell
session_farm.py   thousands of those in a process of its own; some type, all others wait
agent_farm.py     thousands of agents in one process
shell_hours.py    a seeded recording of hours in a shell
support_hours.py  what stands on terminals in seeded hours of support; index_of_hours.py: indexes of such hours
attackers.py      attacks on a broker, each by one process
never_acks.py     an engineer's client that acknowledges nothing
unrecorded.py     an agent whose recorder drops everything: to see what recording costs. Not part of the product
"""
