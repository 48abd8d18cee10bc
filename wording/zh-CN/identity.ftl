### People who log in: what administrators are asked.

identity-ask-password = 新密码（至少 12 个字符）：{" "}
identity-ask-password-again = 再输入一次：{" "}
identity-login-line = { $login }  { $device }  { $address }  自 { $since } UTC，最近使用 { $used } UTC
identity-no-logins = { $user } 没有在任何地方登录。
identity-logged-out = { $count ->
    [0] { $user } 没有在任何地方登录。
   *[other] 已结束 { $user } 的 { $count } 个登录。
}
identity-event-line = { $time } UTC  { $kind }  由 { $actor }  关于 { $user }  来自 { $address }  { $facts }
identity-no-events = 还没有关于任何人的决定。
identity-recovery-used = 您是用恢复码登录的。{ $count ->
    [0] 恢复码已全部用完
   *[other] 还剩 { $count } 个恢复码
}。请在浏览器的“账户”页换一部手机，或另建恢复码。
