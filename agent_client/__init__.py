"""The customer's side: shows a code, asks, lets in, records, and stops everything the moment it is told to.

    commands.py        `consentry share`
    showing.py         which face it has: the local page, the terminal, or JSON lines
    host.py            facts about this machine, its clock, and how the agent protects itself on it
    pins.py            which organisations this machine knows
    home.py            where the customer's side keeps what it has to remember
    completing.py      `consentry complete`: a receipt that lacks the log's last word; rating.py: `consentry rate`

One session, from the first code to the receipt:

    session.py         wires the parts, ends
    session_time.py    what time does to it
    broker_link.py     the control connection, attached again after every cut
    invitations.py     codes: asked for, shown, proved or burnt
    attendance.py      who is in and what each may do: every change of a grant passes through here
    reception.py       what engineers' programs ask, and how a request becomes a grant
    participant.py     one engineer, as the rest of the agent asks about them (`access.py`)
    gateway.py         a second SSH key of an engineer's, through the broker's gateway
    consent.py         puts a request to the customer and brings the answer to the grant machine
    house_rules.py     what nobody can ask for here, whoever they are
    authorities.py     whose certificates count, as the organisation's root has it by now
    take_over.py       whose place an engineer can take, and what it consists of
    conversation.py    one sealed control stream with an engineer's program
    chat.py            what people of the session write; followers.py: programs that asked to be told
    freezer.py         holds everything still, when the customer says so and while a question stands
    live.py            what exists only after consent: recording, room, SSH server
    narration.py       what is recorded is told to the customer too (`grant_records.py`: what is recorded of grants)
    closing.py         FINAL record, receipt, rating
    log_watch.py       the agent's side of the organisation's log

What an engineer can reach, and what remembers it:

    ssh/               the SSH server inside a stream
    shell/             the shared room, commands, and the warden above every process
    files/             SFTP, confined to the granted folders
    recorder/          seal, spool, upload; redaction (`recording.py`: what the others ask of it)

What the customer sees:

    faces/             the terminal, or JSON lines for wrappers
    page/              the local page in their browser
    screens/           the terminal's screens, row by row
"""
