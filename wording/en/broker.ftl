### The broker's own commands. Speaker: `consentry admin` and `consentry serve`, to the administrator.

command-serve = Run the broker, and the audit service where one is set up beside it: two processes.
    .role = broker or audit: only that one, on a host of its own.
    .audit-data = The audit service's data folder; by default the folder `audit` beside the broker's.
    .audit-host = Address for the audit service to listen on.
    .audit-port = Port for the audit service to listen on.
    .supervised = Stop when the process that started this one ends.
    .data = The data folder.
    .host = Address to listen on.
    .port = Port to listen on.
    .tls = own: the certificate made at init; given: the two files below; off: a proxy on this machine ends TLS.
    .tls-certificate = PEM file with the certificate and its chain.
    .tls-key = PEM file with the certificate's private key.
    .log-format = json for machines, console for eyes.
    .exit-status =
        0: stopped when asked to.
        74: the disk fails, and a service manager should start it again.
        1: anything else.
    .examples =
        consentry serve
        consentry serve --role audit --audit-data /srv/consentry-audit
        consentry serve --data /srv/consentry --port 443
        consentry serve --tls given --tls-certificate fullchain.pem --tls-key privkey.pem

command-admin = Set up and look after the broker, on its own machine.
    .examples =
        consentry admin init --name "Example Support" --origin https://help.example.org:8443 --audit-recipient audit.json
        consentry admin user add wang --name "Wang Wei" --staff-number E-1042
        consentry admin status

command-admin-init = Found the organisation: keys, TLS certificate and signed profile. Once.
    .name = The organisation's name, as customers will read it.
    .origin = The address by which customers and engineers reach this broker.
    .audit-recipient = Public key to which recordings are sealed, as `consentry audit` wrote it. Up to four.
    .tls-name = One more host name or address for the TLS certificate. May be repeated.
    .output-policy = bounded: output may run ahead of its acknowledgement by seconds; strict: it may not.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin init --name "Example Support" --origin https://help.example.org:8443 --audit-recipient audit.json

command-admin-status = Show the organisation, its address, and how many users and sessions there are.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin status
        consentry admin status --json

command-admin-profile = Show or change the signed profile that agents and engineers pin.

command-admin-profile-show = Print the signed profile.
    .data = The data folder.
    .json = Print what it says as JSON.
    .examples =
        consentry admin profile show

command-admin-profile-update = Sign a new version of the profile. Needs the root key; restart the broker afterwards.
    .origin = New address of the broker.
    .audit-recipient = Public keys to which recordings are sealed from now on; replaces all those before.
    .output-policy = bounded or strict.
    .max-minutes = Longest time that may be asked for at once.
    .resume-window = Seconds for which an interrupted session waits.
    .browser = Whether engineers may come in with a browser.
    .ssh-gateway = Whether engineers who come in with a browser may use an SSH program of their own, through the SSH gateway.
    .witness = Who vouches for the log: its key and the address at which the broker asks it. Give it once for each; replaces all those before.
    .no-witnesses = Nobody vouches for the log any more.
    .witness-policy = required: no session without the word of a witness. optional: with it, where it comes in time.
    .certificate = new: make the broker another TLS certificate of its own, which clients pin. none: pin none, the system's authorities decide. A new address makes a new one by itself.
    .tls-name = One more name or address for the new certificate. May be repeated.
    .engineer-ca = new: make another engineer CA, and certificates of the one before are good until they expire. compromised: have those refused from now on. Restart the broker after it.
    .new-log = Give an organisation that was founded before there was a log its first one.
    .replace-lost-log = Begin another log, with a new key, in the place of one that was lost or set back and cannot be continued. For good: auditors are alarmed, and the profile goes on naming the lost one.
    .data = The data folder.
    .json = Print what it says as JSON.
    .examples =
        consentry admin profile update --output-policy strict
        consentry admin profile update --witness audit.example.org+1a2b3c4d+BFc…=https://audit.example.org
        consentry admin profile update --audit-recipient new.json --audit-recipient escrow.json

command-admin-user = Add people, list and disable them, change their roles, and reset what they log in with.

command-admin-user-add = Add somebody. The password is asked for.
    .user-name = What they type to log in.
    .name = Full name, shown to customers.
    .staff-number = Staff number, shown to customers.
    .role = engineer, supervisor, reviewer, external-reviewer or administrator. The first administrator is added here.
    .scope = The most that this engineer may ask for. May be repeated; all if left out.
    .team = The team that they are in; none if left out.
    .totp = Ask for a one-time number at each login; prints the address for the authenticator app.
    .password-stdin = Read the password from standard input, one line.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin user add wang --name "Wang Wei" --staff-number E-1042
        consentry admin user add ada --name "Ada Example" --staff-number A-1 --role administrator --totp
        consentry admin user add li --name "Li Na" --staff-number E-1043 --scope view --scope files:r --totp

command-admin-user-list = List the people, their roles and teams.
    .team = Only those in this team; `-` for those in none.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin user list
        consentry admin user list --team Berlin

command-admin-user-role = Give somebody another role; all their logins end.
    .user-name = Their user name.
    .role = engineer, supervisor, reviewer, external-reviewer or administrator.
    .data = The data folder.
    .examples =
        consentry admin user role wang supervisor

command-admin-user-link = Let somebody who works here sign in by the organisation's OpenID provider.
    .user-name = Their user name here.
    .subject = Their subject at the provider: the claim `sub`, not a name or an address.
    .data = The data folder.
    .examples =
        consentry admin user link wang 248289761001

command-admin-user-logins = List where somebody is logged in: device, address, since when, last used.
    .user-name = Their user name.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin user logins wang

command-admin-user-log-out = End somebody's logins, and within a second whatever goes on under them.
    .user-name = Their user name.
    .login = The beginning of one login's number, as `logins` lists it. All of them if left out.
    .data = The data folder.
    .examples =
        consentry admin user log-out wang
        consentry admin user log-out wang --login 5c01d7

command-admin-user-disable = Lock an engineer out: logins end at once, running sessions within seconds.
    .user-name = The engineer's user name.
    .data = The data folder.
    .examples =
        consentry admin user disable wang

command-admin-user-enable = Let a disabled engineer log in again.
    .user-name = The engineer's user name.
    .data = The data folder.
    .examples =
        consentry admin user enable wang

command-admin-user-reset-password = Set a new password; all logins of that engineer end.
    .user-name = The engineer's user name.
    .password-stdin = Read the password from standard input, one line.
    .data = The data folder.
    .examples =
        consentry admin user reset-password wang
        pass show work/wang | consentry admin user reset-password wang --password-stdin

command-admin-user-totp = Ask this engineer for a one-time number at each login, with a new secret.
    .user-name = The engineer's user name.
    .off = Ask no more.
    .data = The data folder.
    .examples =
        consentry admin user totp wang
        consentry admin user totp wang --off

command-admin-team = Say who is in which team. Lists and figures go by teams; a team gives nobody any right.

command-admin-team-list = List the teams and who is in them.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin team list

command-admin-team-set = Put somebody into a team, and out of the one before. Sessions of before stay with that one.
    .user-name = Their user name.
    .team = The team. It is there as long as somebody is in it.
    .data = The data folder.
    .examples =
        consentry admin team set wang Berlin

command-admin-team-clear = Take somebody out of their team.
    .user-name = Their user name.
    .data = The data folder.
    .examples =
        consentry admin team clear wang

command-admin-team-rename = Give a team another name. Sessions of before stay with the name of then.
    .team = The team as it is called now.
    .name = What it is called from now on.
    .data = The data folder.
    .examples =
        consentry admin team rename Berlin "Berlin and Leipzig"

command-admin-events = List what was decided about people and their logins, the newest last.
    .user = About this user alone.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin events
        consentry admin events --user wang

command-admin-audit-service = Let an audit service pull from this broker, list those that may, take it back.

command-admin-audit-service-add = Print a token with which an audit service may pull. It is shown only once.
    .name = What to call it.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin audit-service add audit-1 > service-token

command-admin-audit-service-list = List the audit services that may pull.
    .data = The data folder.
    .json = Print one JSON document.
    .examples =
        consentry admin audit-service list

command-admin-audit-service-remove = Refuse an audit service from now on.
    .name = What it was called.
    .data = The data folder.
    .examples =
        consentry admin audit-service remove audit-1

broker-audit-service-added = Give the line above to the audit machine: consentry audit init … It is shown only now. ({ $name })
broker-no-audit-services = No audit service may pull yet. Add one: consentry admin audit-service add …
broker-audit-service-removed = { $name } may pull no more.

broker-founded = { $organisation } is set up in { $folder }. The line above is the address for customers and engineers.
broker-founded-next = Move organisation/root.key to a safe place offline, then: consentry admin user add … and consentry serve
broker-status-organisation = Organisation: { $organisation }
broker-status-address = Address: { $address }
broker-status-users = { $users ->
    [one] One user
   *[other] { $users } users
}
broker-status-sessions = Sessions: { $open } open, { $ended } ended
broker-profile-updated = Version { $version } of the profile is signed. Restart the broker to hand it out.
broker-user-added = { $user } can log in now.
broker-user-line = { $user }  { $name }  { $number }  { $role }  { $team }  { $state }
broker-team-line = { $team }  { $count }  { $names }
broker-team-none = (no team)
broker-team-set = { $user } is in { $team } now.
broker-team-cleared = { $user } is in no team now.
broker-team-renamed = { $count ->
    [one] One person is in { $team } now.
   *[other] { $count } people are in { $team } now.
}
broker-no-teams = Nobody is in a team yet. Begin with: consentry admin team set …
broker-user-linked = { $user } signs in as { $subject } of { $provider } from now on; name, staff number and role follow it.
broker-user-role = { $user } is now { $role }; all earlier logins have ended.
broker-role =
    .engineer = engineer
    .supervisor = supervisor
    .reviewer = reviewer
    .external-reviewer = external reviewer
    .administrator = administrator
broker-user-disabled-mark = (disabled)
broker-user-disabled = { $user } is locked out.
broker-user-enabled = { $user } can log in again.
broker-no-users = There are no users yet. Add one: consentry admin user add …
broker-password-reset = { $user } has a new password; all earlier logins have ended.
broker-totp = Give this address to their authenticator app. It is shown only now:
broker-totp-off = { $user } logs in without a one-time number now.
