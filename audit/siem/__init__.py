"""Audit events for the organisation's own security monitoring, in the words that its tools know.

    events.py     what of a recording is an audit event, each with a code: CS1200I and so on
    formats.py    OCSF, ECS, CEF
    outlets.py    where they go: a file, syslog (RFC 5424), a webhook
    shipper.py    at least once, in order, with a cursor on the disk

Contents never leave: no terminal output, no input, no chat. Names of files, people and commands do.
"""
