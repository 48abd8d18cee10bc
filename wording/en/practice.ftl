### `consentry practice`: the practice organisation speaks.

practice-preparing = Setting up a practice organisation in { $folder }; this takes some seconds, once …
practice-invitation =
    A broker and a customer are running on this machine. The customer reads you the code { $code }.
    Be the engineer: open another terminal and paste the line below. You get a real shell, in a scratch folder; look at receipts.log. Leave with “exit”.
    Ctrl-C here stops everything.
practice-browser = Or in a browser, which warns of a certificate that is for practice only: { $address } as “{ $user }”, password { $password }
practice-administrator = Look after people and see the state of the broker, at the same address: { $address } as “{ $user }”, password { $password }
practice-desk = Afterwards, look back as a supervisor, in a browser: { $address } as “{ $user }”, password { $password }
practice-asked = The customer reads: somebody asks, because “{ $reason }”, for: { $scopes }
practice-allowed = The customer says yes.
practice-command = The customer sees a command: { $command }
practice-file = The customer sees a file: { $action } { $path }
practice-look-back =
    The session is over. The customer keeps a receipt: { $receipt }
    See it again, check it, read what was kept, and judge the receipt as anybody can:
practice-servers-stopped = The broker and the audit service have stopped by themselves and are being started again; what they said last is in { $log }.
practice-servers-back = They run again, and a session that was open goes on.
practice-stopped = Stopped. Everything is kept in { $folder }; the next start finds it again.
