### The console's pages for those who administer the broker, beyond what console.ftl has of them.

## Webhooks

administration-webhooks-lead = Systems that are told of sessions and ratings: signed, with no name or word of a customer's.
administration-webhooks-empty = Nobody is told yet. Add the address of a system above.
administration-webhook-new = Add a webhook
administration-webhook-url = Address
administration-webhook-url-help = It begins with https:// and leads out of the house, unless the broker's settings allow private networks.
administration-webhook-events = It is told when
administration-webhook-add = Add
administration-webhook-made = The secret of this webhook
administration-webhook-made-lead = Give it to the system that receives: it checks with it that a message is ours (Standard Webhooks). It is shown only now.
administration-webhook-told = is told
administration-webhook-paused = paused
administration-webhook-gone = its end says that it is gone
administration-webhook-since = since { $time }
administration-webhook-test = Send a test
administration-webhook-asking = Waiting for its answer …
administration-webhook-tested = It took the test: { $answer }
administration-webhook-test-failed = It did not take the test: { $answer }
administration-webhook-pause = Pause …
administration-webhook-enable = Go on
administration-webhook-new-secret = New secret …
administration-webhook-remove = Remove …
administration-webhook-pause-title = Pause this webhook?
administration-webhook-pause-lead = It is told nothing until you let it go on. What happens meanwhile waits for it.
administration-webhook-pause-do = Pause
administration-webhook-secret-title = Make a new secret?
administration-webhook-secret-lead = Messages are signed with both for a day, so that the other end can change over; then with the new one alone.
administration-webhook-secret-do = Make it
administration-webhook-remove-title = Remove this webhook?
administration-webhook-remove-lead = It is told no more, and what it was told is forgotten here. This cannot be undone.
administration-webhook-remove-do = Remove
administration-event-session-live = A session goes live
administration-event-session-ended = A session has ended
administration-event-rating-kept = A customer has rated
administration-event-webhook-test = Test
administration-deliveries = Last messages
administration-deliveries-empty = It was told nothing in the last thirty days.
administration-delivery-delivered = delivered
administration-delivery-pending = waits
administration-delivery-failed = given up
administration-delivery-replay = Send again
administration-delivery-tries = { $count ->
    [one] tried once
   *[other] tried { $count } times
}
administration-delivery-next = next try { $time }
administration-delivery-body = What is said

## API tokens

administration-tokens-own = Your own

## Organisation

administration-keys-lead = What two people compare, character by character, before they trust each other's word. The keys themselves never leave the broker's machine.
administration-key-root = Root of the organisation
administration-key-means-root = Signs the profile. Customers and engineers know the organisation by it; it stands in the address that they are given.
administration-key-engineer-ca = Engineer CA
administration-key-means-engineer-ca = Signs the certificates that customers' machines check before they ask about an engineer.
administration-key-engineer-ca-former = Former engineer CA
administration-key-means-engineer-ca-former = It was replaced. Sessions that began before the time below stay proved by it, in recordings and receipts.
administration-key-tls = TLS certificate
administration-key-means-tls = The broker's own certificate, SHA-256, as browsers show it.
administration-key-log = Transparency log
administration-key-means-log = Signs what the log says of itself.
administration-key-ssh-gateway = SSH gateway
administration-key-means-ssh-gateway = The host key that ssh shows at the first connection.
administration-recipients-lead = Recordings are sealed to this key. Who holds its other half can open them, and the broker cannot.
administration-recipients-several = { $count } keys
administration-recipients-several-lead = Each of these opens every new recording: a rotation is under way, or one of them lies in escrow. The audit service says which.
administration-recipient-in-force = in force
administration-recipient-before = not yet
administration-recipient-over = run out
administration-profile-lead = What customers' and engineers' programs read before anything else, signed by the root.
administration-share-url = Address for customers and engineers
administration-output-bounded = shown at once, within limits
administration-output-strict = shown once it is durable
administration-gateway-allowed = SSH gateway allowed
administration-gateway-open = SSH gateway open here
administration-witnesses = Witnesses
administration-witness-required = one of them has to vouch
administration-witness-optional = none has to vouch
administration-notices = Warning on the code screen
administration-notices-empty = The organisation adds no warning of its own.
administration-change-with = Changed on the broker's machine with
administration-audit-services = Audit services
administration-audit-services-lead = They may fetch sealed recordings and the facts of sessions.
administration-audit-services-empty = None is registered: recordings are kept here, and nobody reads them.
administration-profile-version = version { $version }

## Keys

administration-broker-keys = Keys of the broker
administration-audit-keys = Audit keys: what recordings are sealed to
administration-key-since = Since
administration-key-age = { $days ->
    [0] { $date }, today
    [one] { $date }, one day ago
   *[other] { $date }, { $days } days ago
}
administration-key-older = before { $date }, when it was first written down
administration-key-unknown = not written down
administration-key-until = Ends
administration-key-left = { $days ->
    [one] { $date }, in one day
   *[other] { $date }, in { $days } days
}
administration-key-no-end = by no date
administration-key-counts = Counts
administration-key-counts-before = in sessions that begin before { $time }
administration-recipient-soon = ends soon
administration-recipient-overlap = replaced, still counts
administration-recipient-former = replaced
administration-audit-key-do = Whoever looks after the audit service changes it, without a gap: recordings are sealed to both keys meanwhile. Begun on the audit machine with
administration-key-do-root = It cannot be changed: every address that was handed out is made of it. Whoever looks after the broker's machine has it; keep it offline, and a copy elsewhere.
administration-key-do-engineer-ca = Whoever has it can name an engineer who does not exist, and still needs a login, the customer's code and their yes. Changed on the broker's machine, with an overlap or at once where it was stolen: consentry admin profile update --engineer-ca new, or compromised
administration-key-do-engineer-ca-former = Nothing: its private key is gone from the broker's machine. Was it stolen, look at the sessions that began while it counted.
administration-key-do-overlap = Nothing: certificates that it signed run out by then. Was it stolen after all, this ends it at once, on the broker's machine: consentry admin profile update --engineer-ca compromised
administration-key-do-tls = Changed on the broker's machine, at a time when nobody is being helped: consentry admin profile update --certificate new
administration-key-do-log = Changed only where it is lost or stolen, for auditors are alarmed: consentry admin profile update --replace-lost-log
administration-key-do-ssh-gateway = Changed by removing ssh_gateway.key and starting the broker again. Engineers then get another line for known_hosts.

## State

administration-node = Broker
administration-program = Version of the program
administration-started = Running since
administration-certificate = TLS certificate
administration-certificate-none = shown by what stands before the broker
administration-certificate-late = certificate ends soon
administration-certificate-late-do = Whatever renews the certificate should have done so by now. When it ends, nobody reaches the broker any more.
