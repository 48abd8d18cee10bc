# What `consentry verify` says about a receipt.

receipt-summary =
    { $organisation }: { $engineers }
    from { $started } to { $ended }
    for: { $reason }, ticket { $ticket }
    allowed: { $scopes }
    recorded: { $records ->
        [one] one record
       *[former] { $records } records
    }, whose chain ends with { $chain }
engineer-receipt-summary =
    { $organisation }, on { $host }
    since { $opened }
    for: { $reason }, ticket { $ticket }
    allowed: { $scopes }
engineer-receipt-own-words = So far in the engineer's own words; what follows is proved.
receipt-consent = agreed to: { $text }
receipt-take-over = { $time }: { $by } took over from { $leaver }, as the customer allowed
receipt-files =
    { $count ->
        [0] Nothing was done with files.
        [one] One thing was done with files:
       *[other] { $count } things were done with files:
    }

receipt-check-signature =
    .ok = Nothing was changed since the session's own key signed this receipt.
receipt-check-profile =
    .ok = The organisation's root key signed profile { $version } of { $organisation }, which names the log { $log }.
    .failed = The organisation's profile in this receipt does not hold. { $problem }
receipt-check-engineer =
    .ok = { $ca_kind ->
        [present] The organisation's certificate says who was here: { $name }, staff number { $staff_number }. Its engineer CA { $ca } signed it.
       *[other] The organisation's certificate says who was here: { $name }, staff number { $staff_number }. A former engineer CA signed it, { $ca }, which counts in sessions that began before { $ca_until }.
    }
    .failed = It is not certain who was here. { $problem }
receipt-check-consent =
    .ok = The receipt says what was agreed to before the session began.
    .failed = The receipt says something else than what was agreed to. { $problem }
receipt-check-opened =
    .ok = The log has the beginning of this session: entry { $place }, on { $time }.
    .failed = The log does not prove the beginning of this session. { $problem }
    .open = There is no proof from a log: this receipt was made without one, or the proof was removed.
receipt-check-witness =
    .ok = A witness vouched for the log: { $witnesses }. One under the broker's own name is the organisation's audit service.
    .open = No witness vouched for the log.
receipt-check-closed =
    .ok = The log has the end of this session: entry { $place }, on { $time }, with all { $records } records.
    .failed = The log does not prove the end of this session. { $problem }
    .open = { $records ->
        [0] The log does not prove the end of this session yet: this receipt was not completed.
       *[other] The log does not prove the end of this session: it knew { $logged } of { $records } records when this receipt was written.
    }

receipt-fingerprint =
    The organisation's root key has the fingerprint { $fingerprint }.
    Compare it with what the organisation told you at another time or in another way: whoever can make it up can make up an organisation.
receipt-verdict =
    .proved = Proved: the organisation's log has this session from beginning to end.
    .not-closed = Proved but for the end: the log has the beginning of this session; its end was not confirmed to you.
    .unlogged = Signed, not proved: nothing shows that the organisation recorded this session.
    .false = False: this receipt does not hold. Keep the file, and ask the organisation's auditors.
receipt-how-to-complete =
    The network or the broker was away when the session ended. To complete it, where { $origin } can be reached: { $command }
    If that is gone for good, ask the organisation's auditors for the proof: consentry audit proof, then --proof FILE.
receipt-completion =
    .completed = Completed: { $path } now proves the session from beginning to end.
    .shorter = The log has the end of this session, with fewer records than the receipt knows of: it was entered before the rest had arrived. That is in { $path } now; ask the organisation for the record.
    .already = { $path } is complete already. Nothing was changed.
