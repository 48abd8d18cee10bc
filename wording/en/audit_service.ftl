### The audit service. Speaker: `consentry audit init`, `audit user` and so on, to its administrator.

command-audit-init = Set up the audit service on this machine. The service token is read from standard input.
    .broker = The broker's address with its key, as `consentry admin status` prints it.
    .key = An audit key file. It stays where it is; may be repeated, for keys that were rotated.
    .data = The audit service's data folder. Never inside the broker's.
    .examples =
        consentry audit init --broker https://help.example.org:8443/#qX3k… --key audit.key < service-token

command-audit-connect = Give the audit service a new token, read from standard input, or its broker's new address.
    .broker = The broker's new address with its key, as `consentry admin status` prints it.
    .data = The audit service's data folder.
    .examples =
        consentry audit connect < service-token
        consentry audit connect --broker https://support.example.org/#qX3k… < /dev/null

command-audit-user = Add, list, disable the audit service's people, and reset their passwords.

command-audit-user-add = Add somebody to the audit service. The password is asked for.
    .user-name = What they type to log in.
    .name = Full name.
    .role = reviewer: replay and score; external-reviewer: only what is assigned; supervisor: lead reviews, second person; administrator: all.
    .totp = Ask for a one-time number at each login; prints the address for the authenticator app.
    .password-stdin = Read the password from standard input, one line.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit user add chen --name "Chen Yu" --role reviewer --totp

command-audit-user-list = List the audit service's people.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit user list

command-audit-user-disable = Lock somebody out; their logins end at once.
    .user-name = Their user name.
    .data = The audit service's data folder.
    .examples =
        consentry audit user disable chen

command-audit-user-enable = Let somebody log in again.
    .user-name = Their user name.
    .data = The audit service's data folder.
    .examples =
        consentry audit user enable chen

command-audit-user-reset-password = Set a new password; all logins of that person end.
    .user-name = Their user name.
    .password-stdin = Read the password from standard input, one line.
    .data = The audit service's data folder.
    .examples =
        consentry audit user reset-password chen

command-audit-user-totp = Ask somebody for a one-time number at each login, with a new secret.
    .user-name = Their user name.
    .off = Ask no more.
    .data = The audit service's data folder.
    .examples =
        consentry audit user totp chen

command-audit-user-link = Let somebody who works here sign in by the organisation's OpenID provider.
    .user-name = Their user name here.
    .subject = Their subject at the provider: the claim `sub`, not a name or an address.
    .data = The audit service's data folder.
    .examples =
        consentry audit user link chen 248289761001

command-audit-user-logins = List where somebody is logged in: device, address, since when, last used.
    .user-name = Their user name.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit user logins chen

command-audit-user-log-out = End somebody's logins.
    .user-name = Their user name.
    .login = The beginning of one login's number, as `logins` lists it. All of them if left out.
    .data = The audit service's data folder.
    .examples =
        consentry audit user log-out chen
        consentry audit user log-out chen --login 5c01d7

command-audit-events = List what was decided about the audit service's people and their logins, the newest last.
    .user = About this user alone.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit events
        consentry audit events --user chen

command-audit-backup = Copy recordings and database to a folder, and what opens them to another. The service may run.
    .folder = Where to. A folder that was used before is brought up to date.
    .keys-to = Where to copy what opens them. Another disk, so that one that is lost or stolen opens nothing.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit backup /mnt/backup/consentry --keys-to /mnt/vault/consentry-keys

command-audit-restore = Bring a backup back into an empty data folder, and verify every recording.
    .folder = The folder of the backup.
    .keys-from = The folder with what opens them.
    .key = An audit key file, to verify contents as well. May be repeated.
    .data = The new data folder.
    .json = Print one JSON document.
    .exit-status =
        0: every recording verifies.
        1: some do not, and are named.
    .examples =
        consentry audit restore /mnt/backup/consentry --keys-from /mnt/vault/consentry-keys --key audit.key

audit-backed-up = Backed up: { $sessions } recordings, { $bytes } bytes new, in { $folder }.
audit-backup-apart = What opens them lies in { $folder }, beside it. Keep the two apart: see --keys-to.
audit-restored = Restored into { $folder }: { $sessions } recordings, { $erased } of them erased. Next: consentry audit init
audit-restored-policies = Nothing is erased by itself until two people decide on that again: holds of after the copy are not in it. Ended: { $count ->
    [one] one policy
   *[other] { $count } policies
}.
audit-restored-learns = What was erased since the copy was made it asks the broker's log when it first runs. Until then it shows no recordings; afterwards see: consentry desk requests
audit-restored-broken = { $session } does not verify. See: consentry audit verify
audit-restored-unopened = { $session } is whole as far as its signatures say, and could not be opened: none of the given keys opens it, or what opens it is not in the copy of the keys.

command-audit-key = Audit keys that live elsewhere, and changing the audit key.

command-audit-key-external = Make a key file for a key in a smart card, an HSM or a key service: a program opens for it.
    .path = The key file to write.
    .recipient = The public half, as the organisation's profile names it.
    .opener = The program and its arguments. What it is asked and answers: docs/operating/running.md
    .examples =
        consentry audit key external hsm.key --recipient hsm.json --opener "/usr/local/bin/open-epoch --slot 3"

command-audit-key-add = Let the service open recordings with one more key.
    .path = The key file. It stays where it is.
    .data = The audit service's data folder.
    .examples =
        consentry audit key add hsm.key

command-audit-key-rotate = Change the audit key in two phases, with both in use between them.

command-audit-key-rotate-start = Make a new key, and tell what the broker's administrator has to sign.
    .suite = x-wing: also safe against quantum computers; x25519: for libraries and hardware that lack it.
    .passphrase = Ask for a passphrase and keep the key under it.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit key rotate start
        consentry audit key rotate start --passphrase

command-audit-key-rotate-status = Show how far the rotation is, by what the broker's profile names.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit key rotate status

command-audit-key-rotate-complete = Use the new key alone from now on. The old one stays, for older recordings.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit key rotate complete

command-audit-key-rotate-roll-back = Stay with the old key. The new one stays too, for what was sealed to it.
    .data = The audit service's data folder.
    .json = Print one JSON document.
    .examples =
        consentry audit key rotate roll-back

audit-key-external = { $path } names the program. Add it to the service: consentry audit key add { $path }
audit-key-added = The service opens with { $key }, too.
audit-rotation =
    .none = No rotation. The broker's profile names: { $old }
    .started = Started: { $new } is made; the broker's profile does not name it beside { $old } yet.
    .overlap = Recordings are sealed to both { $old } and { $new }. Next: consentry audit key rotate complete
    .completed = Completed: { $new } replaces { $old }.
    .rolled-back = Rolled back: { $old } stays, { $new } is not used.
audit-rotation-next = Bring the public halves that this command names, out of { $folder }, to the broker's machine, and never a file that ends in .key. There, with the organisation's root key:
audit-rotation-copy = The new private key is { $path }. Keep a copy elsewhere, as of the old one: backups hold no audit key, and without it nothing that is sealed to it can be read.
audit-rotation-restart = A service that runs opens with the new key within seconds; one whose key is under a passphrase needs CONSENTRY_AUDIT_PASSPHRASE_FILE for that, or a restart.

audit-service-set-up = The audit service is set up in { $folder }. Next: consentry audit user add …, then consentry serve --role audit
audit-service-connected = The audit service pulls from { $origin } from its next start on.
audit-service-witness = On a host of its own, the broker is told of this witness once: consentry admin profile update --witness { $vkey }=https://<this host>:8444/witness
audit-user-added = { $user } can log in to the audit service as { $role }.
audit-user-linked = { $user } signs in as { $subject } of { $provider } from now on; name and role follow it.
audit-user-line = { $user }  { $name }  { $role }  { $state }
audit-no-users = There are no users yet. Add one: consentry audit user add …

audit-log-badge =
    .verified = The session's opening and end are in the public log, and the log's chain head is that of the FINAL record.
    .opened = The session's opening is in the public log; its end is not there yet.
    .closed-early = The public log closed the session before its last records came.
    .not-asked = The public log has not answered about this session yet.
    .no-log = The organisation keeps no public log.
    .open-missing = The public log says that it has no such session.
    .close-missing = The public log says that it has no end of this session.
    .open-differs = The public log's entry is about another manifest or another agent.
    .head-differs = The public log's end of this session is about other records than those that are here.
    .not-proved = The public log's proof does not hold.
    .log-contradicts = The public log is not the one that was seen here before: it was rolled back or forked.
