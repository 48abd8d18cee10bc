### 审计服务。

command-audit-init = 在本机设置审计服务。服务令牌从标准输入读取。
    .broker = 服务器的地址及其密钥，由 `consentry admin status` 显示。
    .key = 审计密钥文件，保留在原处；密钥轮换过时可重复给出。
    .data = 审计服务的数据目录，不得位于服务器的数据目录之内。
    .examples =
        consentry audit init --broker https://help.example.org:8443/#qX3k… --key audit.key < service-token

command-audit-connect = 为审计服务换用新的令牌（从标准输入读取），或服务器的新地址。
    .broker = 服务器的新地址及其密钥，由 `consentry admin status` 显示。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit connect < service-token
        consentry audit connect --broker https://support.example.org/#qX3k… < /dev/null

command-audit-user = 添加、列出、停用审计服务的人员，并重设其密码。

command-audit-user-add = 为审计服务添加人员。密码会另行询问。
    .user-name = 登录时输入的名称。
    .name = 全名。
    .role = reviewer：回放与评分；external-reviewer：仅限分配的会话；supervisor：主持评审并作为第二人；administrator：全部。
    .totp = 每次登录都要求一次性数字；显示供验证器使用的地址。
    .password-stdin = 从标准输入读取一行密码。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit user add chen --name "Chen Yu" --role reviewer --totp

command-audit-user-list = 列出审计服务的人员。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit user list

command-audit-user-disable = 停用某人；其登录立即失效。
    .user-name = 其用户名。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user disable chen

command-audit-user-enable = 允许某人重新登录。
    .user-name = 其用户名。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user enable chen

command-audit-user-reset-password = 设置新密码；该人员的所有登录都会结束。
    .user-name = 其用户名。
    .password-stdin = 从标准输入读取一行密码。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user reset-password chen

command-audit-user-totp = 以新的密钥要求某人每次登录时输入一次性数字。
    .user-name = 其用户名。
    .off = 不再要求。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user totp chen

command-audit-user-link = 允许在此工作的人通过机构的 OpenID 登录服务登录。
    .user-name = 其在此处的用户名。
    .subject = 其在登录服务中的 subject：即声明 `sub`，而不是姓名或邮箱。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user link chen 248289761001

command-audit-user-logins = 列出某人在何处登录：设备、地址、起始时间、最近使用时间。
    .user-name = 其用户名。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit user logins chen

command-audit-user-log-out = 结束某人的登录。
    .user-name = 其用户名。
    .login = 某个登录编号的开头，见 `logins` 的列表。省略则为全部。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit user log-out chen
        consentry audit user log-out chen --login 5c01d7

command-audit-events = 列出关于审计服务人员及其登录的各项决定，最新的在最后。
    .user = 只看关于该用户的。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit events
        consentry audit events --user chen

command-audit-backup = 把录像和数据库复制到一个目录，把打开它们所需的内容复制到另一个目录。服务可以继续运行。
    .folder = 目标目录。用过的目录会被更新。
    .keys-to = 打开录像所需内容的目标目录。请用另一块磁盘，这样丢失或被盗的一份什么也打不开。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit backup /mnt/backup/consentry --keys-to /mnt/vault/consentry-keys

command-audit-restore = 把备份恢复到空的数据目录，并验证每份录像。
    .folder = 备份目录。
    .keys-from = 打开录像所需内容的目录。
    .key = 审计密钥文件，用于同时验证内容；可重复。
    .data = 新的数据目录。
    .json = 输出一个 JSON 文档。
    .exit-status =
        0：每份录像都通过验证。
        1：有些没有通过，已列出。
    .examples =
        consentry audit restore /mnt/backup/consentry --keys-from /mnt/vault/consentry-keys --key audit.key

audit-backed-up = 已备份：{ $sessions } 份录像，新增 { $bytes } 字节，在 { $folder }。
audit-backup-apart = 打开它们所需的内容就在旁边的 { $folder }。请分开保存：参见 --keys-to。
audit-restored = 已恢复到 { $folder }：{ $sessions } 份录像，其中 { $erased } 份已清除。接下来：consentry audit init
audit-restored-policies = 在两个人重新决定之前不会自动销毁任何记录：副本中没有之后设置的保全。已结束 { $count } 条策略。
audit-restored-learns = 首次运行时，它会向代理服务器的日志询问制作副本之后清除了哪些录像。在此之前不显示任何录像；之后请看：consentry desk requests
audit-restored-broken = { $session } 未通过验证。参见：consentry audit verify
audit-restored-unopened = { $session } 的签名完好，但无法打开：给出的密钥都打不开它，或者密钥副本中没有打开它所需的内容。

command-audit-key = 存放在别处的审计密钥，以及更换审计密钥。

command-audit-key-external = 为存放在智能卡、HSM 或密钥服务中的密钥生成密钥文件：由一个程序代为打开。
    .path = 要写入的密钥文件。
    .recipient = 公开的一半，与单位配置中的相同。
    .opener = 程序及其参数。它收到和回答的内容见 docs/operating/running.md
    .examples =
        consentry audit key external hsm.key --recipient hsm.json --opener "/usr/local/bin/open-epoch --slot 3"

command-audit-key-add = 让服务再用一把密钥打开录像。
    .path = 密钥文件，保留在原处。
    .data = 审计服务的数据目录。
    .examples =
        consentry audit key add hsm.key

command-audit-key-rotate = 分两步更换审计密钥，其间两把并用。

command-audit-key-rotate-start = 生成新密钥，并告知服务器管理员需要签署什么。
    .suite = x-wing：也能抵御量子计算机；x25519：用于不支持它的库和硬件。
    .passphrase = 询问口令，并以口令保护密钥。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit key rotate start
        consentry audit key rotate start --passphrase

command-audit-key-rotate-status = 按服务器的配置显示更换进行到哪一步。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit key rotate status

command-audit-key-rotate-complete = 从现在起只用新密钥。旧密钥保留，用于较早的录像。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit key rotate complete

command-audit-key-rotate-roll-back = 继续使用旧密钥。新密钥也保留，用于已密封给它的录像。
    .data = 审计服务的数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry audit key rotate roll-back

audit-key-external = { $path } 指明了该程序。请加入服务：consentry audit key add { $path }
audit-key-added = 服务也会用 { $key } 打开录像。
audit-rotation =
    .none = 没有在更换。服务器的配置指明：{ $old }
    .started = 已开始：{ $new } 已生成；服务器的配置尚未在 { $old } 之外指明它。
    .overlap = 录像同时密封给 { $old } 和 { $new }。接下来：consentry audit key rotate complete
    .completed = 已完成：{ $new } 取代 { $old }。
    .rolled-back = 已退回：继续使用 { $old }，不使用 { $new }。
audit-rotation-next = 请把此命令列出的公钥文件从 { $folder } 带到服务器主机，切勿带走以 .key 结尾的文件。在那里用单位的根密钥运行：
audit-rotation-copy = 新的私钥是 { $path }。请像旧密钥一样另存一份：备份中没有审计密钥，没有它就无法读取用它封存的录像。
audit-rotation-restart = 正在运行的服务会在几秒内启用新密钥；若密钥受口令保护，则需要 CONSENTRY_AUDIT_PASSPHRASE_FILE，或重启。

audit-service-set-up = 审计服务已设置在 { $folder }。接下来：consentry audit user add …，然后 consentry serve --role audit
audit-service-connected = 审计服务下次启动后将从 { $origin } 拉取。
audit-service-witness = 若部署在独立主机上，请让服务器认识这个见证方（一次即可）：consentry admin profile update --witness { $vkey }=https://<本主机>:8444/witness
audit-user-added = { $user } 现在可以以 { $role } 身份登录审计服务。
audit-user-linked = { $user } 今后以 { $provider } 的 { $subject } 登录；姓名与角色以其为准。
audit-user-line = { $user }  { $name }  { $role }  { $state }
audit-no-users = 还没有人员。请添加：consentry audit user add …

audit-log-badge =
    .verified = 公开日志中有会话的开始和结束，其链头与 FINAL 记录一致。
    .opened = 公开日志中有会话的开始；结束尚未登记。
    .closed-early = 公开日志在最后的记录到达之前就登记了会话结束。
    .not-asked = 公开日志尚未就此会话作答。
    .no-log = 该单位没有公开日志。
    .open-missing = 公开日志称没有此会话。
    .close-missing = 公开日志称没有此会话的结束。
    .open-differs = 公开日志中的条目属于另一份清单或另一个客户端。
    .head-differs = 公开日志中的会话结束与此处的记录不符。
    .not-proved = 公开日志的证明不成立。
    .log-contradicts = 公开日志不是此处先前见过的那一份：它被回退或分叉了。
