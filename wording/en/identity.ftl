### People who log in: what administrators are asked.

identity-ask-password = New password (at least 12 characters):{" "}
identity-ask-password-again = Again:{" "}
identity-login-line = { $login }  { $device }  { $address }  since { $since } UTC, last used { $used } UTC
identity-no-logins = { $user } is logged in nowhere.
identity-logged-out = { $count ->
    [0] { $user } was logged in nowhere.
    [one] One login of { $user } has ended.
   *[other] { $count } logins of { $user } have ended.
}
identity-event-line = { $time } UTC  { $kind }  by { $actor }  about { $user }  from { $address }  { $facts }
identity-no-events = Nothing has been decided about anybody yet.
identity-recovery-used = You logged in with a recovery code. { $count ->
    [0] No other is left
    [one] One more is left
   *[other] { $count } more are left
}. In the browser, under Account, you set up another phone or make new codes.
