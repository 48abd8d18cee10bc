"""Audit events for the organisation's own security monitoring, in the words that its tools know.

    events.py             what of a recording is an audit event, each with a code: CS1200I and so on
    decisions.py          what is decided outside of recordings: logins, roles, looks, erases
    formats.py            OCSF, ECS, CEF; decision_formats.py the same for decisions, lines.py what both share
    outlets.py            where they go: a file, syslog (RFC 5424), a webhook
    targets.py            siem.toml: which of those the audit service feeds by itself
    shipper.py            at least once, in order, with a cursor on the disk: `consentry audit siem`

The audit service's own feed is audit/service/siem_feed.py; it uses all of these but the shipper.

Contents never leave: no terminal output, no input, no chat. Names of files, people and commands do.
"""
