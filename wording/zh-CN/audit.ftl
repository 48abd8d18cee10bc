### 审计命令。

command-audit-make-key = 生成本组织的审计密钥，并打印应写入组织档案的公钥部分。
    .path = 密钥文件的位置。该文件必须尚不存在。
    .suite = x-wing 也能抵御量子计算机。只有密钥库不支持 ML-KEM 时才用 x25519。
    .passphrase = 询问口令，并用它封装密钥文件。
    .examples =
        consentry audit make-key ~/audit.key > recipient.json
        consentry audit make-key --passphrase /media/vault/audit.key > recipient.json

command-audit-witness = 作为独立进程为透明日志作见证。打印其密钥；该密钥应写入日志所属单位的配置。
    .log = 可以来询问的日志的密钥，与其配置中所写的相同。每个日志给一次。
    .data = 见证方保存其密钥和所见内容的目录。
    .name = 见证方的名称，主机名，可带路径：audit.example.org/witness。它是密钥的一部分。
    .listen = 监听地址。请在前面放置带 TLS 的代理。
    .examples =
        consentry audit witness --name audit.example.org --data ~/witness --log help.example.org/log+1a2b3c4d+AVS9…

audit-witness-key = 本见证方的密钥：{ $vkey }

command-audit-list = 列出会话：完整、部分、正在到达或丢失。
    .records = 中转服务器的记录文件夹，或它的副本。
    .key = 审计密钥文件。有了它，列表会显示何人、因何。有多把密钥时可多次给出。
    .examples =
        consentry audit list --records /var/lib/consentry/records --key ~/audit.key
        consentry audit list --records ./records --json | jq -r 'select(.state != "complete") | .session_id'

command-audit-show = 叙述一次会话的经过，不含终端画面。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .log = 日志的密钥（与组织档案中所写的相同），其证明保存在录像旁边。在审计服务的文件夹中无需给出。
    .witness = 该日志的见证方的密钥。有多个时可多次给出。
    .examples =
        consentry audit show 3fa8 --records ./records --key ~/audit.key

command-audit-verify = 由原始字节检查一份录像。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。没有它，只检查不必阅读内容就能检查的部分。
    .ca = 工程师 CA 的公钥，照组织档案中 engineer_ca_key 的写法：给出后还会检查工程师证书由谁颁发。更换过 CA 时可多次给出；写作 KEY@TIME 的，对 TIME 之前开始的会话有效。
    .profile = 组织签名档案的文件，即 `consentry admin profile show` 输出的内容：其中写有所有工程师 CA 及各自的有效期限、日志及其见证方。须同时给出 --broker。在审计服务的文件夹中无需给出。
    .broker = 发给客户的服务器地址，须含 # 之后的部分；档案由它证明。
    .log = 日志的密钥（与组织档案中所写的相同），其证明保存在录像旁边。在审计服务的文件夹中无需给出。
    .witness = 该日志的见证方的密钥。有多个时可多次给出。
    .exit-status =
        0：完整且未被改动；没有给出密钥时，指不用密钥所能检查的部分。
        1：有缺失或错误，或仍在到达。
        3：没有发现错误，但给出的密钥都打不开它。
    .examples =
        consentry audit verify 3fa8 --records ./records --key ~/audit.key
        consentry audit verify 3fa8 --records ./records --key ~/audit.key --profile profile.note --broker https://help.example.org/#qX3k…
        consentry audit verify 3fa8 --records ./records --json | jq .intact

command-audit-replay = 回放会话的终端。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .channel = 哪个通道：0 是共享终端，其余见 `consentry audit show` 的编号。
    .speed = 速度，1 为原速。
    .idle = 把停顿缩短为若干秒；0 表示保留停顿。
    .start = 从此时刻开始：秒数，或 1:30，或 0:01:30。
    .search = 从屏幕上出现这段文字处开始；按 n 到下一处。
    .index = 索引所在的文件夹，默认在记录文件夹旁边。本会话若有索引，任何时刻都能立即打开。
    .examples =
        consentry audit replay 3fa8 --records ./records --key ~/audit.key
        consentry audit replay 3fa8 --speed 4 --from 12:30
        consentry audit replay 3fa8 --search "permission denied"

command-audit-export = 把录像写成其他程序能读的格式。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .format- = asciicast（第 3 版，供 asciinema 使用）、text、含全部事件的 jsonl，或 segments（供 asciinema-player 快速跳转的文件夹）。
    .output = 写入此文件，而不是标准输出；用于 segments 时，写入此文件夹。
    .index = 用于 segments，索引所在的文件夹，默认在记录文件夹旁边。
    .channel = 用于 asciicast，哪个通道：0 是共享终端。
    .raw = 用于 asciicast，保留所有转义序列。播放它可能会操作播放所在的终端。
    .examples =
        consentry audit export 3fa8 -o session.cast && asciinema play session.cast
        consentry audit export 3fa8 --format text | less
        consentry audit export 3fa8 --format jsonl | jq 'select(.kind == "file")'
        consentry audit export 3fa8 --format segments --output ./session

command-audit-files = 列出对文件的操作，附大小和 SHA-256。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .examples =
        consentry audit files 3fa8 --records ./records --key ~/audit.key

command-audit-search = 在所有会话中查找词语：终端、命令、备注和文件名。最新的在前。
    .words = 一行中必须全部出现的内容。引号内的词语必须相邻。不区分大小写和全半角。
    .records = 中转服务器的记录文件夹，或它的副本。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .engineer = 只查姓名或工号含此内容的工程师的会话。
    .customer = 只查用户名或机器名含此内容的会话。
    .from = 只查此时刻及以后发生的：2026-11-25，或 2026-11-25T14:30（UTC）。
    .to = 只查此时刻以前发生的。
    .mark = 只查带有此名称（或文字含此内容）的标记或缺口的会话。
    .kind = 只查这一类结果。可多次给出。
    .limit = 最多显示多少条结果。
    .after = 从上一页结束处继续。
    .index = 索引所在的文件夹，默认在记录文件夹旁边。索引是加密的，首次需要时生成。
    .examples =
        consentry audit search "permission denied" --records ./records --key ~/audit.key
        consentry audit search nginx restart --kind command --engineer Mei --from 2026-11-01
        consentry audit search 磁盘 --json | jq -r .session_id

command-audit-commands = 列出会话中键入的命令，以及得知每条命令的方式。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .index = 索引所在的文件夹，默认在记录文件夹旁边。
    .examples =
        consentry audit commands 3fa8 --records ./records --key ~/audit.key
        consentry audit commands 3fa8 --json | jq -r 'select(.source == "prompt") | .text'

command-audit-tail = 观看正在进行的会话。会话结束或按 q 时结束。
    .records = 中转服务器的记录文件夹，或它的副本。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .channel = 哪个通道：0 是共享终端，其余见 `consentry audit show` 的编号。
    .index = 索引所在的文件夹，默认在记录文件夹旁边。
    .examples =
        consentry audit tail 3fa8 --records ./records --key ~/audit.key
        consentry audit tail 3fa8 --json | jq 'select(.kind == "file")'

command-audit-marks = 检查标记规则文件并试用：它会在这些会话中标记什么？不保存任何内容。
    .session = 用来试规则的会话：编号或其开头部分。不给出时只检查并列出规则。
    .rules = 规则文件。不给出时使用自带的规则。要启用它，请以 marks.toml 为名放入审计服务的数据文件夹。
    .records = 中转服务器的记录文件夹，或它的副本。
    .key = 审计密钥文件。有多把密钥时可多次给出。
    .examples =
        consentry audit marks --rules marks.toml
        consentry audit marks 3fa8 77b0 --rules marks.toml --records ./records --key ~/audit.key

command-audit-proof = 打印日志对会话结束的证明，客户的回执可用它补全。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .records = 审计服务的记录文件夹，或它的副本。
    .examples =
        consentry audit proof 3fa8 --records ./records > proof.json

command-audit-rate = 保存您自己对会话的评分，与客户的评分分开。
    .records = 中转服务器的记录文件夹，或它的副本。评分保存在它旁边的 qa_ratings.jsonl 中。
    .session = `consentry audit list` 显示的会话编号，或其开头部分。
    .key = 审计密钥文件。有了它，评分还会注明内容是否未被改动。
    .stars = 1 到 5。
    .reviewer = 评分人，默认为您的用户名。
    .comment = 理由。
    .examples =
        consentry audit rate 3fa8 4 --records ./records --comment "问题解决了，但没有解释原因"

command-audit-siem = 将审计事件发送到贵单位的安全监控：上次之后的新事件，至少送达一次。
    .to = 文件、syslog+tls://host:6514、syslog+tcp://host:601，或 https://… 网络回调。
    .records = 服务器的录像文件夹或其副本。
    .key = 审计密钥文件。多个密钥可多次给出。
    .format = ocsf、ecs 或 cef。
    .secret-file = 存放网络回调签名密钥的文件，至少 16 字节。
    .cursor = 记录已发送到何处的文件。默认在录像文件夹旁边；每个目标各用一个。
    .exit-status =
        0：全部已读取并发送。
        1：有录像无法读取，其余的已发送。
    .examples =
        consentry audit siem --records ./records --key ~/audit.key --to /var/log/consentry/audit.ndjson
        consentry audit siem --to syslog+tls://logs.example.org --format cef --cursor syslog_cursor.json
        consentry audit siem --to https://hooks.example.org/consentry --secret-file ~/webhook.secret

audit-marks-shipped = 自带的规则文件
audit-marks-usable = { $source } 可以使用：{ $count } 条规则。
audit-marks-of = 会话 { $session }：{ $count ->
    [0] 没有标记
   *[other] { $count } 个标记
}
audit-key-made =
    私钥在 { $path }。请勿放到中转服务器上，并保留一份副本：没有它，任何录像都无法阅读。
audit-ask-passphrase = 审计密钥的口令
audit-ask-passphrase-again = 再输入一次
audit-list-empty = 还没有录像。
audit-files-none = 没有触及任何文件。
audit-rated = 已保存：会话 { $session }，{ $stars } 分（满分 5 分），在 { $path }。
audit-not-whole = 这份录像不完整：只显示其前 { $count } 条记录。原因请看 `consentry audit verify`。

audit-segments-written = 已写入。请把 { $path } 作为分段录像交给 asciinema-player。

audit-index-building = 正在为 { $count } 个会话建立索引…
audit-index-problem = 会话 { $session } 未进入索引，或不完整：{ $problem }

audit-search-nothing = 没有任何内容含有 { $words }。
audit-search-more-in = 会话 { $session } 中还有更多。
audit-search-next = 已查到 { $date }。用 --after { $place } 继续
audit-commands-none = 没有发现命令。
audit-command-source =
    .recorded = 记录
    .shown = 显示
    .shell-integration = shell
    .prompt = 推测
    .added = 添加

audit-tail-live = 实时
audit-tail-over = 已结束
audit-tail-keys = q 退出

audit-state =
    .complete = 完整
    .partial = 部分
    .arriving = 到达中
    .lost = 丢失

audit-sealed =
    .opened = –
    .no-key = （已封存）
    .other-key = （封存给另一把密钥）
    .erased = （已清除）
    .unreadable = （无法读取）

audit-show-head =
    会话    { $session }
    开始    { $started }
    工程师  { $name }（{ $number }），{ $organisation }
    事由    { $reason }
    工单    { $ticket }
    机器    { $host } 上的 { $user }
audit-show-rating = 客户评分 { $stars }（满分 5 分）。{ $comment }
audit-show-review = { $reviewer } 评分 { $stars }（满分 5 分）。{ $comment }

audit-replay-keys = 空格 暂停 · ←→ 5 秒 · +− 速度 · n 下一处 · q 退出

audit-event-customer = 客户
audit-event-engineer = 工程师 { $number }
audit-event-manifest = 录像开始。
audit-event-asked = { $who } 请求 { $scopes }，{ $minutes } 分钟：{ $reason }
audit-event-asked-place = { $who } 请求接替 { $leaver }，权限为 { $scopes }：{ $reason }
audit-event-allowed = 已允许 { $who }：{ $scopes }
audit-event-denied = 未允许 { $who }。
audit-event-grant-changed = { $who } 现在可以：{ $scopes }
audit-event-joined = { $who }（{ $number }）用 { $client } 进入。
audit-event-left = { $who } 离开。
audit-event-taken-over = 经客户同意，{ $who } 接替了 { $leaver }。
audit-event-room = { $who } 打开了共享终端。
audit-event-command = { $who } 执行：{ $command }
audit-event-sftp = { $who } 打开了文件传输。
audit-event-exit = 通道 { $channel } 结束，状态 { $status }。
audit-event-forwarded = { $who } 连接到 { $destination }（{ $outcome }）。
audit-event-file = { $who }：{ $action } { $path }，{ $count } 字节（{ $outcome }）
audit-event-hidden = { $who } 输入了 { $count } 字节，终端本身没有回显（密码，或行编辑器）；只保留字节数。
audit-event-redacted = 规则 { $rule } 隐去了 { $count } 字节。
audit-event-paused = 由 { $by ->
        [customer] 客户
       *[former] 录像程序
    }暂停。
audit-event-resumed = 继续。
audit-event-clock = 客户的时钟与中转服务器相差 { $milliseconds } 毫秒。
audit-event-attested = { $who } 为所见内容签名：{ $count } 字节。
audit-event-chat = { $who } 留言：{ $text }
audit-event-ssh-key = { $who } 可以用 SSH 密钥 { $fingerprint } 进入
audit-event-stopped = 未参与会话的 { $name }（工号 { $staff_number }）终止了会话：{ $why }
audit-event-closing = 会话结束：{ $reason }。

audit-check-chain =
    .ok = { $count } 条记录，{ $epochs } 个密钥期：全部由客户端签名，次序正确，没有缺失。链：{ $hash }
audit-check-fault-flipped =
    .failed = 记录 { $record } 被改动：不是客户端签名的内容（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-dropped =
    .failed = 记录 { $record } 缺失：其位置上是后面的记录（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-reordered =
    .failed = 记录 { $record } 不在其位：它在更后面（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-repeated =
    .failed = 应为记录 { $record } 之处，重复了先前的一条（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-truncated =
    .failed = 录像在记录 { $record } 处被截断（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-foreign =
    .failed = 应为记录 { $record } 之处，是不属于本会话的内容（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-forked =
    .failed = 记录 { $record } 接续的是另一段历史：客户端签了两份（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-fault-malformed =
    .failed = 记录 { $record } 由客户端签名，但违反格式规则（第 { $offset } 字节；此前 { $count } 条记录正确）。
audit-check-end =
    .ok = 以客户端的 FINAL 记录结束。
    .unchecked = 尚未结束：记录仍在到达。
    .failed = 缺少结尾：没有 FINAL 记录。
audit-check-forks =
    .failed = 客户端签署了 { $count } 条互相矛盾的记录，保存在文件夹中，名为 fork-….csr。
audit-check-tails =
    .remark = 崩溃之后，中转服务器切除了 { $count } 处未写完的尾部，保存在文件夹中，名为 tail-….csr。
audit-check-erased =
    .remark = 已清除：能打开 { $count } 个时段的密钥已按规定销毁。每条记录仍由签名的哈希证明。
    .failed = 缺少能打开 { $count } 个时段的内容，且没有清除的记载。
audit-check-contents =
    .ok = 所有记录都能用密钥打开：{ $count } 个事件。
    .unchecked = 未检查内容：没有给出审计密钥。
    .failed = 内容无法读取：{ $problem }
audit-check-key =
    .unchecked = 未检查内容：清单、证书、同意、文件和输出均未知。{ $problem }
audit-check-manifest =
    .ok = 会话清单正是会话开始前所承诺的那份（{ $organisation }）。
    .unchecked = 会话清单没有到达。
    .failed = 会话清单不是会话开始前所承诺的那份。
audit-check-certificate =
    .ok = { $ca_kind ->
        [present] 会话开始时，{ $engineer }（{ $number }）持有本组织的有效证书，由工程师 CA { $ca } 签发。
       *[other] 会话开始时，{ $engineer }（{ $number }）持有本组织的有效证书，由以前的工程师 CA { $ca } 签发；它对 { $ca_until } 之前开始的会话有效。
    }
    .unchecked = { $engineer }（{ $number }）与证书所写相符。未检查证书由谁颁发：请用 --ca 给出颁发机构的公钥，或用 --profile 与 --broker 给出组织档案。
    .failed = { $engineer }（{ $number }）的证书不能证明来的是谁。{ $problem }
audit-check-consent =
    .ok = 客户同意之前，没有打开任何通道。
    .failed = 有 { $count } 个通道在未经客户同意的情况下打开。
audit-check-times =
    .ok = 所有事件都在其记录的时间范围之内。
    .failed = 有 { $count } 个事件在其记录的时间范围之外。
audit-check-clocks =
    .remark = 客户的时钟与中转服务器的时钟最多相差 { $seconds } 秒。
audit-check-redacted =
    .remark = 在客户机器上，按规则隐去了 { $count } 字节输出：{ $rules }。
audit-check-totals =
    .ok = FINAL 的计数相同：{ $count } 条记录，{ $events } 个事件。
    .unchecked = 还没有总数：缺少 FINAL。
    .failed = FINAL 的计数与实际不同：实际 { $count } 条记录，{ $events } 个事件。
audit-check-room =
    .ok = 共享终端的输出与 FINAL 所写的散列值一致：{ $bytes } 字节。
    .failed = 共享终端的输出（{ $bytes } 字节）与 FINAL 所写的散列值不一致。
audit-check-files =
    .ok = FINAL 列出的 { $count } 次文件传输及其散列值与记录相同。
    .remark = FINAL 只容得下 { $all } 次文件传输中的 { $count } 次；这些的散列值相同。
    .failed = FINAL 列出的文件传输（{ $count } 次）与记录不同。
audit-check-channels =
    .ok = { $count } 个通道交给工程师的内容都在录像中，散列值相同。
    .failed = { $count } 个通道中，有 { $wrong } 个交给工程师的内容与录像不同。
audit-check-channel-totals =
    .ok = FINAL 为 { $count } 个通道写下了相同的散列值。
    .failed = FINAL 为 { $count } 个通道写下的散列值与记录不同。
audit-check-attestations =
    .ok = { $engineer } 为同样的 { $bytes } 字节签了名：两端所见相同。
    .unchecked = 没有工程师为所见内容签名。
    .failed = { $engineer } 签名的内容（{ $bytes } 字节）与记录不同，或签名不当。
audit-check-rating =
    .ok = 客户的评分（{ $stars } 分，满分 5 分）由会话密钥签名。
    .unchecked = 没有评分。
    .failed = 评分不是由会话密钥签名的。

audit-badge = { $records } 条记录，{ $chain }，{ $log }
audit-badge-chain =
    .whole = 链完整
    .so-far = 链至今完整
    .broken = 此后链断裂
audit-badge-log =
    .closed = 在日志的 { $opened } 和 { $closed } 处开启和关闭，{ $cosigned }
    .opened = 在日志的 { $opened } 处开启，{ $cosigned }
    .nothing = 日志的情况未知
    .against = 日志与之矛盾
    .unknown = 没有查看日志：请用 --log 说明以谁的话为准
audit-badge-witness =
    .some = 已会签
    .none = 未会签
audit-verdict =
    .intact = 未被改动：这是完整的会话，与录制时一致。
    .whole = 在没有审计密钥时所能检查的范围内完整：每条记录都与代理签名时一致。内容未经检查。
    .sealed = 未打开：给出的密钥打不开这份录像。不用密钥能检查的部分正确；内容未得到任何证明。
    .erased = 已按规定清除：无法再打开；其链与代理签名时一致。
    .arriving = 目前正确，仍在到达。
    .partial = 不完整：现有部分正确，但缺少结尾。
    .broken = 有问题。请看标有 ✗ 的各行。

audit-siem-shipped = 已发送：{ $count } 个事件，{ $deliveries } 次投递。
audit-siem-unreadable = 会话 { $session } 无法打开；故障之前已验证的内容已发送。原因见 `consentry audit verify`。
