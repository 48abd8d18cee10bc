"""The audit service: a process of its own, with its own key, database, people and administrators.

It pulls from the broker and lets nobody push; one door is open to the broker's log, which may ask for the service's
word as a witness. Each record is verified before it is stored, opened only with what the key gives, and parsed in a
worker that has neither the key nor a network.

    config.py         every setting
    setup.py          `consentry audit init`: what the service needs to know, in one private file
    people.py         roles, and the one table of what each may do
    sign_in.py        what the service says of itself where they sign in
    identity_journal.py   what is decided about them and their logins
    broker_feed.py    asks the broker for changes and records
    puller.py         follows the feed: verify, store, hand over to the worker
    intake.py         what becomes of records once they are here; unsound.py: of those that are not sound
    pull_loop.py      decision_pull.py and request_pull.py in loops of their own: what the broker numbers, page by page
    log_check.py      asks the transparency log about each session, and keeps its proofs
    log_entries.py    enters looks, erases and reviews in that log; log_reading.py: reads all of it
    after_restore.py  asks it what was erased since the copy that this service was restored from
    sealed_store.py   sealed records on disk, and what opens them apart from them
    session_keys.py   a key per session, for what the service itself writes about it
    reading.py        asks a worker to read a recording; worker.py is that process, confinement.py its walls
    worker_frames.py, worker_process.py    how a worker is spoken with, from its side and from ours
    indexing.py      makes indexes while records arrive, in lanes (index_lane.py) and steps (index_step.py):
                     index_worker.py is that process, index_writer.py writes for it, onlookers.py are told
    index_shelf.py   where indexes lie, and their keys
    index_additions.py   notes, marks and the customer's words, to be found with a session
    index_reading.py one session's index, read; index_search.py all of them: search_worker.py is that process
    retention.py      classes, holds, and the erase
    scheduled_erase.py   erases by itself what is due, where two people decided so
    backup.py         ciphertext and keys copied apart, and brought back
    rotation.py       changing the audit key; key_watch.py takes up keys while the service runs
    mark_rules.py     the organisation's own mark rules
    views.py          every look is noted before it is answered
    siem_feed.py      feeds security monitors; alerts.py: what somebody should look at
    services.py       what one running service consists of
    app.py            puts it together; lifecycle.py starts and stops it
    passphrases.py    where the passphrase of a key comes from
    server.py         one port
    http_api/         the routes
"""
