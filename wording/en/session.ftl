### What a session itself puts into words: the consent that is kept in the recording and on the receipt.

consent-text =
    { $name } ({ $organisation }, staff no. { $staff_number }) asked, because “{ $reason }”{ $ticket ->
        [none] {""}
       *[other] , ticket { $ticket }
    }, and was allowed for { $minutes } minutes: { $scopes }. Everything is recorded.
consent-scope-view = see the terminal
consent-scope-shell = type in the terminal and run commands
consent-scope-files-r = read files
consent-scope-files-w = change files
consent-scope-forward = open network connections
consent-scope-root = all of this as the system's administrator
consent-scope-gateway = do this with an SSH program of their own too
