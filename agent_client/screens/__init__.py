"""What the customer sees in a terminal, laid out as rows; no file here reads or writes one.

Every screen is a function or a small form: facts and keys in, rows and answers out, the time passed in. The face
(`agent_client/faces/terminal_face.py`) owns the terminal and draws the frames.

    customer_screens.py  which screen is in front, what keys mean there, and the frame
    rows.py              rows of styled text, cut to a width, turned into escapes
    keys.py              bytes from a keyboard, taken apart; replies of a terminal are never keys
    room_screen.py       the shared terminal as cells (pyte, hardened against hostile output)
    code_screen.py       the code, large, and the warning
    request_screen.py    who asks for what; Allow, narrowing, default No
    reading.py           what of a long question is in sight, and whether it was read to its end
    live_screen.py       what is known of the running session, and the form that narrows what was allowed
    status_rows.py       the two rows under the shared terminal, at any width
    chat_screen.py       what was written in the session, and the line that is being written
    end_screen.py        summary, rating, comment
"""
