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
administration-tokens-others = Everybody else's ({ $count })
administration-tokens-find = Find by name or person
administration-tokens-empty = Nobody else has an API token.
administration-tokens-none-match = None fits. Change what you look for.
