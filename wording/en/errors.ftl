# One entry per error class may stand here: `error-<class-name-in-kebab-case>`, with the class' fields as variables.
# English may be left out: then the class' own sentence is used.

## engineer_client/

error-session-has-ended =
    The session is over: { $reason ->
        [engineer-ended] an engineer ended it
        [customer-ended] the customer ended it
        [denied] the customer said no
        [expired] the time was up
        [idle] nothing happened for too long
        [abandoned] the customer's program stopped
        [recorder-failed] it could not be recorded any longer
        [broker-ended] the broker ended it
        [supervisor-ended] a supervisor ended it
       *[other] the connection was lost
    }. For another one, the customer makes a new code.
error-access-denied =
    { $reason ->
        [timeout] The customer did not answer in time. Talk to them, and ask again.
        [certificate] The customer's program does not accept your certificate. Often a clock is wrong: ask the customer what theirs shows, and compare it with yours. If they agree, tell your administrator.
        [scope] Your organisation does not let you ask for that.
        [root-needed] The customer's program runs as the system's administrator, so ask for that too (the scope root), or have it started as an ordinary user.
        [root-absent] The customer's program does not run as the system's administrator: ask without the scope root.
        [policy] Your organisation's rules do not allow that.
        [nobody] There is nobody to take over from: they have left, or what they may do has just changed. Look who is in, and ask again.
        [several] Several engineers are in. Say from whom to take over: --from STAFF-NUMBER.
       *[other] The customer said no.
    }
error-line-not-taken =
    { $reason ->
        [not-in] You are not in the session at this moment, so nobody saw the message.
        [too-fast] That was too fast, and nobody saw it. Send it again in a moment.
        [full] So much was written in this session that nothing more is taken.
       *[other] The message was not taken, and nobody saw it.
    }
