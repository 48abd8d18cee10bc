"""Whatever stands between the session and the customer: a terminal, JSON lines, a page in the browser.

The session knows none of them. It tells a `Face` what happened, asks it for decisions, and listens to what the customer
wants. A face never decides anything by itself.

    face.py               the protocol, and the questions and answers that go over it
    notices.py            everything that a session can tell the customer
    json_conversation.py  a session told and steered in JSON, whatever carries it (docs/json_face.md)
    json_face.py          JSON lines on standard input and output, for wrappers and tests
    json_lines.py         the lines that such a wrapper may send, and the page (`agent_client/page/`)
    terminal.py           the customer's terminal as a device: raw mode, frames, always given back
    terminal_face.py      full-screen terminal; draws what `agent_client/screens/` lays out
    undrawn_output.py     what the shared terminal put out and a slow screen has not drawn yet
"""
