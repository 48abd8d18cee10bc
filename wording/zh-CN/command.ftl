### 命令行：帮助、示例、用法。
###
### `command-admin-user-add` 是 `consentry admin user add` 的帮助；`.examples` 显示在选项之后，
### 每个参数有一个同名的属性（长选项名，或参数名）。各命令含义相同的参数只写一次，放在 `command-parameter`。

command =
    先征得同意的远程支持：客户点头才开始，全程可见，随时可停；一切都有记录。
    .version = 显示版本。
    .debug = 出错时同时显示程序中的出错位置。
    .install-completion = 为当前 shell 安装命令与选项的自动补全。
    .show-completion = 显示当前 shell 的自动补全脚本。
    .exit-status =
        0：完成。
        1：失败，原因见标准错误；对于做检查的命令，也表示不成立。
        2：命令行有误。
        130：被中断。
        141：输出没有被读完。
    .examples =
        # 我需要帮助
        consentry share https://support.example.org/
        # 我提供帮助
        consentry connect 482-9137-7551 --reason "收不到回执"
        # 在一台机器上体验
        consentry practice

command-panel =
    .usage = 用法：
    .examples = 示例
    .exit-status = 退出状态
    .required = 必填
    .default = 默认值：{ $value }
    .variable = 环境变量：{ $name }
    .options = 选项
    .arguments = 参数
    .commands = 命令
    .subcommand = 命令 …
    .customer = 需要帮助的人
    .engineer = 提供帮助的人
    .audit = 检查服务质量的人
    .broker = 运行服务的人
    .practice = 先看看的人

command-parameter =
    .help = 显示此帮助。
    .json = 输出供程序使用的 JSON，而不是给人看的文字。
    .broker = 您的机构提供的服务地址。默认为上次登录的地址。
    .session = `consentry sessions` 列出的名称：主机别名，或会话编号及其开头几位。

command-placeholder =
    .address = 地址
    .channel = 通道
    .class = 保留期类别
    .code = 连接码
    .command = 命令
    .count = 数量
    .criterion = 评分项
    .date = YYYY-MM-DD
    .days = 天数
    .digits = 数字
    .dir = 目录
    .figure = 指标
    .file = 文件
    .fraction = 比例
    .grounds = 理由
    .host = 主机
    .id = 编号
    .key = 密钥
    .kind = 类别
    .mark = 标记
    .message = 消息
    .minutes = 分钟数
    .name = 名称
    .number = 编号
    .outcome = 结果
    .permission = 权限
    .place = 位置
    .points = 分数
    .port = 端口
    .receipt = 回执
    .request = 请求编号
    .review = 评审
    .role = 角色
    .rule = 规则
    .run = 抽样
    .scope = 权限
    .seconds = 秒数
    .session = 会话
    .speed = 倍速
    .stars = 星数
    .subject = 主体标识
    .target = 目标
    .team = 团队
    .text = 文字
    .tier = 等级
    .time = 时:分:秒
    .token = 令牌
    .url = 网址
    .user = 用户名
    .vkey = 验证密钥
    .webhook = Webhook
    .words = 词语
    .zone = 时区

command-failure =
    .internal = 程序出现错误（{ $kind }）。请反馈，并附上 `consentry --debug …` 的输出。
    .aborted = 已停止，未作任何改动。
    .interrupted = 已中断。
    .system = 操作系统拒绝了操作：{ $problem }。
    .missing = 缺少“{ $parameter }”。
    .bad-value = 给“{ $parameter }”的值不可用：{ $problem }。
    .no-such-option = 没有 { $option } 这个选项。
    .no-such-command = 没有“{ $name }”这个命令。
    .no-command = 没有指明命令。
    .meant = 您是不是想用：{ $names }？
    .too-much = 这里不需要“{ $words }”。
    .needs-value = { $option } 后面需要一个值。
    .takes-no-value = { $option } 不带值。
    .try-help = 请看：{ $command } --help
    .sentences = { $first }{ $then }

command-completion =
    .installed = { $shell } 的自动补全已安装到 { $path }，在之后打开的终端中生效。

command-share = 请求帮助：显示一个连接码，之后这里发生的一切您都能看到。
    .address = 支持机构给您的地址：https://host/#key。
    .folder = 经您允许后，其中的文件可以被查看或修改。可指定多个；默认是您的主目录。
    .redact = 规则文件：除始终隐藏的内容外，还有哪些内容不让工程师看到，也不写入记录。
    .only = 最多只提供这些权限，每项写一次：view、shell、files:r、files:w、forward。无论工程师请求什么，都不会就其他权限询问您。
    .ask = 说明出了什么问题，并在支持单位的队列中等待：工程师接手后，您会看到该找谁。工作人员会看到这些话，它们不经过会话传输。
    .name = 队列中显示的您的称呼。默认为您的用户名和本机名称。
    .page = 在浏览器中显示，或在本终端中显示。有桌面时默认用浏览器。
    .json = 在标准输出上用 JSON 行说话，从标准输入接收决定：供代您询问的程序使用。
    .as-root = 以系统管理员身份共享。这样本机的一切都可能被触及。
    .home = 本程序存放自身文件的位置。
    .examples =
        consentry share https://support.example.org/#qX3k…
        consentry share https://support.example.org/#qX3k… --ask "receipts never arrive"
        consentry share https://support.example.org/#qX3k… --folder ~/shop --folder /var/log/shop
        consentry share https://support.example.org/#qX3k… --only view --only files:r

command-verify = 说明一份回执证明了什么：在任何机器上，只需要这个文件。
    .path = 回执：会话留下的 receipt-….json 文件。
    .language = 用哪种语言说明：en 或 zh-CN。默认为本机的语言。
    .json = 以 JSON 输出其内容。
    .exit-status =
        0：已证明。
        1：有内容不成立，或尚未得到证明。
    .examples =
        consentry verify receipt-3f9a1c22d0e4.json
        consentry verify receipt-3f9a1c22d0e4.json --language en
        consentry verify receipt-3f9a1c22d0e4.json --json

command-complete = 为当时未能取得证明的回执补上日志对会话结束的证明。
    .path = 回执：会话留下的 receipt-….json 文件。只有整体成立时才会改动它。
    .proof = 贵单位审计人员送来的证明文件，用它代替询问中转服务器。
    .home = 本机保存所见日志的文件夹。
    .exit-status =
        0：现已完整，或原本就完整。
        1：能补的已补上，但仍不能证明全部。
    .examples =
        consentry complete receipt-3f9a1c22d0e4.json
        consentry complete receipt-3f9a1c22d0e4.json --proof proof.json

command-rate = 在会话结束后 72 小时内更改您的评价。
    .receipt = 回执文件，或其中的评价链接。
    .stars = 1 到 5。
    .comment = 您想说的话。
    .solved = 问题是否已解决。不给出表示未说明。
    .home = 本机保存所见日志的文件夹。
    .examples =
        consentry rate receipt-3fa8c1d20b77.json 4 --solved --comment "后来又坏了，马上就修好了"

command-login = 以工程师身份登录。
    .address = 管理员提供的服务地址：https://host/#key。
    .user = 用户名。不填则会询问。
    .password-stdin = 从标准输入读取一行密码，供脚本使用。
    .totp = 身份验证器上的六位数字，或一个恢复码。账号需要而未填时会询问。
    .browser = 改为显示一个链接，在浏览器中登录即可：无需在此输入密码。
    .examples =
        consentry login https://support.example.org/#qX3k…
        consentry login --user wang
        consentry login --browser
        pass show work/consentry | consentry login --user wang --password-stdin

command-queue = 列出等待帮助的客户，轮到谁谁在前；接手其中一个。
    .take = 接手此请求：它归您，客户会看到您的姓名。
    .give-back = 放回，让别人接手。
    .helped = 已得到帮助。对于正在共享的客户，服务器自己会看到。
    .gave-up = 客户已放弃。
    .session = 与 --helped 一起使用：在哪个会话中，写其名称或编号。该会话即具有该请求的等级。
    .examples =
        consentry queue
        consentry queue --take 12
        consentry queue --helped 12 --session cs-482

command-connect = 用客户读给您的连接码建立连接。
    .code = 客户读出的连接码，空格和连字符可有可无。
    .reason = 为什么要连接。客户回答之前会看到。不填则会询问。
    .ticket = 工单编号，客户能看到，并随记录保存。
    .scope = 申请的权限，每项写一次：view、shell、files:r、files:w、forward、root。客户可以少给。
    .minutes = 需要多少分钟。
    .alias = 供 `ssh`、`sftp`、`scp` 使用的名称。默认取连接码的前几位：cs-482。
    .take-over = 接替会话中的工程师：只问客户一次；客户同意后，您获得其现有权限，其离开会话。写明的权限是接替的上限；时间为对方剩余的时间。
    .take-over-from = 若会话中有多位工程师，接替谁（工号）。
    .ssh-config = 把名称写入您的 ssh 配置，使 `ssh`、`scp`、`rsync` 都认得它。
    .shell = 立即打开终端。否则只给出供 `ssh`、`sftp`、`scp` 使用的名称。
    .end = 终端或命令结束时，会话也结束。
    .client = 使用 OpenSSH 的客户端，或内置的客户端。默认优先使用 OpenSSH。
    .command = 不开终端，改为运行此命令。
    .exit-status = 客户一侧的 shell 或命令的退出状态，与 ssh 所报告的相同；没有打开时为 0。
    .examples =
        consentry connect 482-9137-7551 --reason "收不到回执" --ticket 8841
        consentry connect 482-9137-7551 --reason "磁盘已满" --scope shell --scope files:r --minutes 60
        consentry connect 482-9137-7551 --reason "收集日志" --end -- tail -n 200 /var/log/syslog
        consentry connect 482-9137-7551 --reason "复制补丁" --scope files:w --no-shell
        consentry connect 482-9137-7551 --take-over --reason "同事下班"
        scp fix.tar.gz cs-482:/srv/app/

command-request-more = 向客户再申请一项权限或更多时间。
    .scope = 除现有权限外还需要的权限，每项写一次。
    .minutes = 从现在起的分钟数。不填则时间不变。
    .reason = 为什么。客户回答之前会看到。
    .examples =
        consentry request-more cs-482 --scope files:w --reason "放入修好的文件"
        consentry request-more cs-482 --minutes 30 --reason "更新还在进行"

command-take-over = 接替会话中的一位工程师：先征求客户同意；客户同意后，您获得其现有权限，其离开会话。
    .staff-number = 接替谁（工号）。省略则为唯一的另一位工程师。
    .reason = 原因。客户在答复前会看到。
    .examples =
        consentry take-over cs-482 --reason "同事下班"
        consentry take-over cs-482 --from E-1007 --reason "我熟悉这台机器"

command-sessions = 列出您的会话。
    .everybody = 所有人正在进行的会话；供主管使用。
    .team = 该团队正在进行的会话；`-` 表示不属于任何团队的人。供主管使用。
    .all = 包括已结束的会话。
    .examples =
        consentry sessions
        consentry sessions --everybody
        consentry sessions --team Berlin
        consentry sessions --all --json | jq -r '.[].session_id'

command-chat = 在进行中的会话里给客户和同事留言，并阅读他们的留言。
    .text = 一条留言。不填则实时显示留言，您输入的每一行即为一条；`-` 表示从标准输入读取。
    .examples =
        consentry chat cs-482 "我现在重启打印服务。"
        consentry chat
        consentry chat cs-482 --json | jq -r 'select(.event == "said") | .text'

command-note = 为会话写备注，或查看备注。
    .text = 备注内容。不填则列出备注；`-` 表示从标准输入读取。
    .examples =
        consentry note cs-482 "已更换打印机驱动，客户试印了两页。"
        consentry note cs-482
        git diff | consentry note cs-482 -

command-invite = 为要加入进行中会话的同事生成连接码：客户会被告知，并在同事加入时被询问。
    .examples =
        consentry invite cs-482

command-whisper = 给正在进行的会话的工程师说悄悄话：客户看不到。或阅读已有的悄悄话。
    .text = 悄悄话。不写则列出已有的；`-` 从标准输入读取。服务器以可读形式保存：请勿写入客户的资料。
    .examples =
        consentry whisper 3f9a1c22d0e4 "Ask for the model first."
        consentry whisper cs-482

command-receipts = 列出您的回执：日志为您的每个会话所作的证明。
    .examples =
        consentry receipts
        consentry receipts --json | jq -r '.[] | select(.verdict != "proved") | .path'
        consentry verify ~/.local/state/consentry/receipts/receipt-3f9a1c22d0e4.json

command-end = 结束会话：其中运行的一切都会停止。
    .reason = 供主管终止他人的会话：原因。客户和工程师会看到它。
    .examples =
        consentry end cs-482
        consentry end --all
        consentry end 3f9a1c22d0e4 --reason "the caller is not who they say"
    .all = 结束本机打开的所有会话。

command-logins = 列出您在何处登录，并结束不该存在的登录。
    .end = 某个登录编号的开头。该登录随即结束，由此进行的一切也立即中断。
    .end-others = 结束除本机之外的所有登录。
    .examples =
        consentry logins
        # 我的笔记本电脑丢了
        consentry logins --end 5c01d7
        consentry logins --end-others

command-logout = 在本机退出登录。
    .examples =
        consentry logout

command-audit = 列出、验证、回放和导出记录。

command-review = 评审会话：评分表、抽样、异议、校准、报表。

command-practice = 在本机体验全部功能：一个服务，和一位等待您的客户。
    .data = 全部数据存放的位置。再次启动时会沿用。
    .examples =
        consentry practice
        consentry practice --data ~/consentry-practice

command-tokens = 列出、生成和撤销 API 令牌：供程序以某人的名义访问代理服务器。

command-tokens-list = 列出 API 令牌，及其权限、有效期与最近使用时间。
    .everybody = 所有人的，而不只是您自己的；供管理员使用。
    .examples =
        consentry tokens list
        consentry tokens list --everybody --json

command-tokens-make = 生成 API 令牌。仅此一次写到标准输出。
    .name = 用途，以便日后知道是否仍需要它。
    .may = 它可以做什么，须在您的权限之内；可多次给出。参见 GET /v1/tokens 的 `grantable`。
    .days = 有效天数，最多 365 天。
    .password-stdin = 登录超过十分钟时，从标准输入的第一行读取您的密码。
    .examples =
        consentry tokens make monitoring --may health --days 90
        consentry tokens make reports --may sessions --may all-sessions > token

command-tokens-revoke = 撤销 API 令牌：此后使用它的程序一律被拒绝。
    .token = 其编号的开头部分，如 `consentry tokens list` 所示。
    .everybody = 他人的令牌；供管理员使用。
    .examples =
        consentry tokens revoke 5c01d7

command-webhooks = 指定哪些系统会被告知会话与评分；供管理员使用。

command-webhooks-list = 列出 Webhook，不含其密钥。
    .examples =
        consentry webhooks list

command-webhooks-add = 添加 Webhook。其密钥仅此一次写到标准输出。
    .url = 消息的去处：https://，且不得指向内网，除非代理服务器的设置允许私有网络。
    .event = 告知的内容：session.live、session.ended 或 rating.kept；可多次给出。省略则为全部。
    .examples =
        consentry webhooks add https://tickets.example.org/hooks --event session.ended

command-webhooks-remove = 移除 Webhook 及关于其消息的记录。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .examples =
        consentry webhooks remove 3fa8

command-webhooks-pause = 在 `resume` 之前不向 Webhook 告知任何内容。其间发生的事会为其保留。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .examples =
        consentry webhooks pause 3fa8

command-webhooks-resume = 重新告知已暂停、或曾回应不再存在的 Webhook。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .examples =
        consentry webhooks resume 3fa8

command-webhooks-secret = 生成新密钥。一天之内旧密钥同时签名。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .examples =
        consentry webhooks secret 3fa8

command-webhooks-test = 发送一条没有内容的消息，仅一次，并告知结果。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .exit-status =
        0：对方已接受。
        1：对方未接受。
    .examples =
        consentry webhooks test 3fa8

command-webhooks-messages = 列出最近三十天向 Webhook 告知的内容及其结果。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .limit = 最多列出的条数，最新的在前。
    .examples =
        consentry webhooks messages 3fa8 --limit 5

command-webhooks-replay = 再次发送一条消息；若失败，则与新消息一样多次重试。
    .webhook = 其编号的开头部分，如 `consentry webhooks list` 所示。
    .message = 消息的完整编号，如 `consentry webhooks messages` 所示。
    .examples =
        consentry webhooks replay 3fa8 msg_0123456789abcdef0123456789abcdef
