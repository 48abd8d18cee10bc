"""The engineer's side: log in, connect with a code, and let stock OpenSSH do the rest.

login.py, login_commands.py     who is logged in to which broker, and from where
presence.py         whether somebody types: what a login lives on, also during a shell
connect.py          from a code to a granted session; connect_command.py: and on to a shell
session_commands.py             what can be done about sessions that one is in
pairing.py          the engineer's half of a pairing, over the broker's websocket
control.py          the sealed conversation with the customer's agent
session_files.py    what a session leaves on disk, so that any later `ssh` finds it
ssh_config.py       our own ssh configuration file, and the one line that includes it
openssh.py          stock `ssh` as a child, its output hashed on the way to the terminal
shell.py            what `connect` does once access is granted
own_ssh.py          the same with a client of our own, where there is no OpenSSH
attest.py           signs the hash of what was seen
ssh_proxy.py        ProxyCommand: a stream's bytes on standard input and output
ssh_pipe.py         how they are written there
sessions.py, notes.py, end.py, request_more.py      what the other commands do
logins.py           where the engineer is logged in
receipts.py         the engineer's receipts; log_check.py: what the log says of a session
supervision.py, supervision_commands.py             sessions of others, for supervisors
queue.py, queue_commands.py                         customers who wait for help
whispers.py         what staff say to each other about a session, through the broker
chat.py, chat_terminal.py, missed_messages.py       messages with the customer, also during a shell
command_tools.py    what the commands have in common
shown.py            how facts stand in a sentence; completions.py: what the Tab key offers
state.py            where all this is kept
administration_commands.py   tokens and webhooks (webhooks.py)
"""
