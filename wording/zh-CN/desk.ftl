### `consentry desk`：审计服务的工作人员在自己的电脑上使用。

command-desk = 使用正在运行的审计服务：会话及其内容、保全、导出、销毁，以及谁看过什么。

command-desk-login = 登录审计服务。您能做什么取决于您的角色。
    .address = 服务地址，例如 https://audit.example.org:8444。默认为上次登录的服务。
    .user = 您在审计服务中的用户名。
    .certificate = 没有机构为其担保时，该服务出示的证书：它的 tls_certificate.pem。
    .password-stdin = 从标准输入读取密码。
    .totp = 验证器显示的六位数字。
    .browser = 改为显示一个链接，在浏览器中登录（例如用通行密钥）：无需在此输入密码。
    .examples =
        consentry desk login https://audit.example.org:8444 --user chen --certificate tls_certificate.pem
        consentry desk login
        consentry desk login --browser

command-desk-logout = 在这台电脑上退出登录。
    .examples =
        consentry desk logout

command-desk-tokens = 列出、生成和撤销 API 令牌：供程序以某人的名义访问审计服务。

command-desk-tokens-list = 列出 API 令牌，及其权限、有效期与最近使用时间。
    .everybody = 所有人的，而不只是您自己的；供管理员使用。
    .examples =
        consentry desk tokens list
        consentry desk tokens list --everybody --json

command-desk-tokens-make = 生成 API 令牌。仅此一次写到标准输出。任何令牌都不能查看录制。
    .name = 用途，以便日后知道是否仍需要它。
    .may = 它可以做什么，须在您的权限之内：list、reports、who-saw、events。可多次给出。
    .days = 有效天数，最多 365 天。
    .password-stdin = 登录超过十分钟时，从标准输入的第一行读取您的密码。
    .examples =
        consentry desk tokens make "monthly figures" --may reports --days 90 > token

command-desk-tokens-revoke = 撤销 API 令牌：此后使用它的程序一律被拒绝。
    .token = 其编号的开头部分，如 `consentry desk tokens list` 所示。
    .everybody = 他人的令牌；供管理员使用。
    .examples =
        consentry desk tokens revoke 5c01d7

command-desk-sessions = 列出会话，最新的在前。
    .limit = 最多多少个。
    .team = 其中只列出该团队的会话；`-` 表示不属于任何团队的会话。
    .tier = 其中只列出该等级的会话；`-` 表示没有等级的会话。
    .examples =
        consentry desk sessions
        consentry desk sessions --team Berlin --limit 200
        consentry desk sessions --json | jq -r 'select(.state == "partial") | .session_id'

command-desk-search = 在所有会话中查找词语：终端、命令、聊天、备注和文件名。最新的在前。
    .words = 一行中必须全部出现的内容。引号内的词语必须相邻。不区分大小写和全半角。
    .purpose = 您为何查看。它会和您的名字一起出现在 `consentry desk who-saw` 中。
    .engineer = 只查姓名或工号含此内容的工程师的会话。
    .customer = 只查用户名或机器名含此内容的会话。
    .from = 只查此时刻及以后发生的：2026-11-25，或 2026-11-25T14:30（UTC）。
    .to = 只查此时刻以前发生的。
    .mark = 只查带有此名称（或文字含此内容）的标记或缺口的会话。
    .kind = 只查这一类结果。可多次给出。
    .after = 从上一页结束处继续。
    .examples =
        consentry desk search "permission denied" --purpose "complaint 8841"
        consentry desk search nginx restart --purpose audit --kind command --engineer Mei --from 2026-11-01

command-desk-verify = 检查一份记录以及日志对它的证明。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。
    .exit-status =
        0：完整且未被改动。
        1：其他情况。
    .examples =
        consentry desk verify 3fa8

command-desk-fetch = 把会话内容取到文件中。会记为一次查看。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。
    .output = 目标文件，必须尚不存在。
    .part = transcript：当时看到的文字；replay：供播放器使用的 asciicast v3；files：对文件做过什么。
    .purpose = 您为何查看。它会和您的名字一起出现在 `consentry desk who-saw` 中。
    .examples =
        consentry desk fetch 3fa8 -o session.txt --purpose "complaint 8841"
        consentry desk fetch 3fa8 --part replay -o session.cast --purpose "review"

command-desk-retention = 设定一份记录至少保留多久。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。
    .keep = standard（400 天）、short（183 天）或 pci（400 天）。
    .reason = 原因。会被保存。
    .examples =
        consentry desk retention 3fa8 short --reason "no card data, customer's wish"

command-desk-hold = 对一份记录作法律保全：解除之前谁也不能销毁它。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。
    .reason = 原因。想销毁它的人会看到。
    .examples =
        consentry desk hold 3fa8 --reason "court order 17/2026"

command-desk-lift-hold = 解除法律保全。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。
    .reason = 为何不再需要。它会与保全人及其理由记在一起。
    .examples =
        consentry desk lift-hold 3fa8 --reason "court order 17/2026 has run out"

command-desk-due = 列出可以销毁的记录：已过其类别的保留期，且未被保全。
    .examples =
        consentry desk due

command-desk-schedule = 列出已到期的记录，以及策略何时会自动销毁它们。
    .examples =
        consentry desk schedule

command-desk-policy = 到期记录自动销毁：按类别制定的策略，每条由两个人决定。

command-desk-policy-list = 列出现有和过去的策略，最新的在前。
    .examples =
        consentry desk policy list

command-desk-policy-ask = 申请某一类别的记录到期后自动销毁，在公布一周之后执行。必须由另一个人确认。
    .retention = standard（400 天）、short（183 天）或 pci（400 天）。
    .reason = 原因。会写在该策略下达的每一次销毁中。
    .erase-when-due = 表明确实如此：记录会在无人再次申请的情况下销毁。被保全的记录会保留。
    .examples =
        consentry desk policy ask short --erase-when-due --reason "data protection office, decision 12"

command-desk-policy-confirm = 作为第二个人确认：策略从现在起生效。
    .number = 策略的编号。
    .examples =
        consentry desk policy confirm 3

command-desk-policy-refuse = 拒绝他人申请的策略。
    .number = 策略的编号。
    .examples =
        consentry desk policy refuse 3

command-desk-policy-end = 结束一条策略：不再据此销毁任何记录。不需要第二个人。
    .number = 策略的编号。
    .examples =
        consentry desk policy end 3

command-desk-ask = 申请导出或销毁。必须由另一个人确认。
    .kind = export（导出），或 erase（销毁）：此后无论现有数据还是备份，都无法再打开这份记录。
    .reason = 原因。确认的人会看到。
    .session = `consentry desk sessions` 显示的会话编号，或其开头部分。可以给出多个。
    .all-due = `consentry desk due` 列出的全部记录。
    .exit-status =
        0：已提出申请。
        1：使用 --all-due 时没有到期的记录，没有提出申请，如同 grep 没有找到内容时一样。
    .examples =
        consentry desk ask export --reason "for the court" 3fa8
        consentry desk ask erase --reason "past its time" --all-due

command-desk-requests = 列出导出和销毁的申请，最新的在前。
    .state = 只列出已申请（asked）、已确认（confirmed）、已拒绝（refused）或已完成（done）的。
    .examples =
        consentry desk requests --state asked

command-desk-confirm = 作为第二个人确认导出或销毁。销毁会立即执行，无法恢复。
    .number = 申请的编号。可以给出多个。
    .examples =
        consentry desk confirm 12

command-desk-refuse = 拒绝他人提出的导出或销毁申请。
    .number = 申请的编号。可以给出多个。
    .examples =
        consentry desk refuse 12

command-desk-export = 取回您申请、且已由他人在一天之内确认的导出。
    .number = 申请的编号。
    .output = 目标文件，必须尚不存在。
    .format = asciicast（供播放器使用）、text，或含全部事件的 jsonl。
    .examples =
        consentry desk export 12 -o session.cast
        consentry desk export 12 --format jsonl -o session.jsonl

command-desk-who-saw = 列出谁因为什么看过什么，最新的在前。
    .session = 只列出对这个会话的查看。默认列出全部。
    .user = 只列出此人的查看。
    .from = 只查此时刻及以后发生的：2026-11-25，或 2026-11-25T14:30（UTC）。
    .to = 只查此时刻以前发生的。
    .limit = 最多多少条。
    .examples =
        consentry desk who-saw 3fa8
        consentry desk who-saw --user chen --json | jq -r .purpose

command-desk-journal = 列出决定或发现的事情：登录、角色、查看、申请、不完整的录像。最新的在前。
    .session = 只列出与此会话有关的。默认列出全部。
    .kind = 只列出这一种，名称如 --json 所示。可以给出多个。
    .who = 只列出此人做的，或对此人做的。
    .from = 只查此时刻及以后发生的：2026-11-25，或 2026-11-25T14:30（UTC）。
    .to = 只查此时刻以前发生的。
    .limit = 最多多少条。
    .examples =
        consentry desk journal
        consentry desk journal --kind login_refused --kind login_locked
        consentry desk journal --json | jq 'select(.kind == "login_refused")'

command-desk-siem = 显示 siem.toml 中各安全监控系统的投递情况。
    .exit-status =
        0：各监控系统都在接收。
        1：有一个不接收。
    .examples =
        consentry desk siem

desk-logged-in = 已以 { $name }（{ $role }）的身份登录 { $origin }，有效期至 { $until }。
desk-no-sessions = 还没有会话。
desk-nothing-due = 今天没有可以销毁的记录。
desk-nothing-asked = 没有到期的记录，因此没有提出任何申请。
desk-no-requests = 没有人提出申请。
desk-no-policies = 没有策略：没有人申请就不会销毁任何记录。
desk-policy-says-what = 请表明记录应自动销毁：--erase-when-due
desk-policy = { $number }  { $retention }  { $state }  { $who }，{ $asked }：{ $reason }
desk-policy-state =
    .asked = 已申请
    .confirmed = 生效中
    .refused = 已拒绝
    .ended = 已结束
    .other = 未知
desk-scheduled = { $session }  { $retention }  { $due } 到期  { $then }
desk-scheduled-then =
    .policy = 将由策略 { $policy } 在 { $erase } 或稍后销毁
    .notice = 策略 { $policy } 会在公布一周后销毁它
    .nobody = 保留，直到有人申请
desk-nobody-looked = 没有人看过。
desk-journal-empty = 还没有任何决定或发现。
desk-no-siem = 没有向任何安全监控系统投递：审计服务的数据文件夹中没有 siem.toml。
desk-siem-delivers = 投递正常
desk-siem-fails = 自 { $since } 起失败：{ $problem }
desk-siem-line = { $name }  { $format }  { $to }  { $state }（等待中：{ $entries } 条记录，{ $sessions } 个会话）
desk-search-next = 还有更多结果。继续请用 --after { $place }
desk-saved = { $path } 中有 { $bytes } 字节。
desk-held = 保全：{ $reason }
desk-state =
    .complete = 完整
    .partial = 不完整
    .arriving = 接收中
    .lost = 丢失
    .none = 无
    .erased = 已销毁
    .other = ？
desk-request = { $number }  { $kind }  { $session }  { $state }  { $who }，{ $asked }：{ $reason }
desk-request-kind =
    .export = 导出
    .erase = 销毁
    .other = ？
desk-request-state =
    .asked = 已申请
    .confirmed = 已确认
    .refused = 已拒绝
    .done = 已完成
    .other = ？
