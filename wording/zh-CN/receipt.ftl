# What `consentry verify` says about a receipt.

receipt-summary =
    { $organisation }：{ $engineers }
    时间：{ $started } 至 { $ended }
    事由：{ $reason }，工单 { $ticket }
    所允许的权限：{ $scopes }
    录制：共 { $records } 条记录，链的末尾为 { $chain }
engineer-receipt-summary =
    { $organisation }，计算机 { $host }
    始于：{ $opened }
    事由：{ $reason }，工单 { $ticket }
    所允许的权限：{ $scopes }
engineer-receipt-own-words = 以上为工程师自己的记录；以下为得到证明的内容。
receipt-consent = 同意的内容：{ $text }
receipt-take-over = { $time }：经客户同意，{ $by } 接替了 { $leaver }
receipt-files =
    { $count ->
        [0] 没有对文件进行任何操作。
       *[former] 对文件进行了 { $count } 次操作：
    }

receipt-check-signature =
    .ok = 自会话自己的密钥签署以来，此回执没有被改动。
receipt-check-profile =
    .ok = 该单位的根密钥签署了 { $organisation } 的第 { $version } 版配置，其中指明了日志 { $log }。
    .failed = 此回执中的单位配置不成立。{ $problem }
receipt-check-engineer =
    .ok = { $ca_kind ->
        [present] 该单位的证书说明了来的是谁：{ $name }，工号 { $staff_number }。由其工程师 CA { $ca } 签发。
       *[other] 该单位的证书说明了来的是谁：{ $name }，工号 { $staff_number }。由以前的工程师 CA { $ca } 签发，它对 { $ca_until } 之前开始的会话有效。
    }
    .failed = 无法确定来的是谁。{ $problem }
receipt-check-consent =
    .ok = 回执的内容与会话开始之前同意的内容一致。
    .failed = 回执的内容与所同意的内容不一致。{ $problem }
receipt-check-opened =
    .ok = 日志中有此会话的开始：第 { $place } 条，时间 { $time }。
    .failed = 日志不能证明此会话的开始。{ $problem }
    .open = 没有来自日志的证明：此回执制作时没有日志，或者证明被去掉了。
receipt-check-witness =
    .ok = 见证方为日志作了见证：{ $witnesses }。名称与服务器地址相同的见证方是该单位自己的审计服务。
    .open = 没有见证方为日志作见证。
receipt-check-closed =
    .ok = 日志中有此会话的结束：第 { $place } 条，时间 { $time }，包含全部 { $records } 条记录。
    .failed = 日志不能证明此会话的结束。{ $problem }
    .open = { $records ->
        [0] 日志尚不能证明此会话的结束：此回执还没有补全。
       *[other] 日志不能证明此会话的结束：回执写成时，它知道 { $records } 条记录中的 { $logged } 条。
    }

receipt-fingerprint =
    该单位根密钥的指纹为 { $fingerprint }。
    请与该单位在别的时间或以别的方式告诉您的指纹核对：能伪造它的人就能伪造一个单位。
receipt-verdict =
    .proved = 已证明：该单位的日志中有此会话，从开始到结束。
    .not-closed = 除结束外已证明：日志中有此会话的开始；其结束没有向您确认。
    .unlogged = 已签署，未证明：没有任何东西表明该单位录制了此会话。
    .false = 不成立：此回执不可信。请保留该文件，并询问该单位的审计人员。
receipt-how-to-complete =
    会话结束时网络或服务器不可用。请在能连上 { $origin } 的地方补全：{ $command }
    如果该服务器已不复存在，请向该单位的审计人员索取证明（consentry audit proof），再用 --proof 文件 补全。
receipt-completion =
    .completed = 已补全：{ $path } 现在从头到尾证明了这次会话。
    .shorter = 日志中有这次会话的结束，但记录数少于回执所知：它是在其余记录到达之前写入的。这已写入 { $path }；请向该单位索取记录。
    .already = { $path } 已经完整，没有改动任何内容。
