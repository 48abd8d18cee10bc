### 服务端自己的命令。说话者：`consentry admin` 和 `consentry serve`，对象是管理员。

command-serve = 运行服务器；如果旁边设置了审计服务，也一并运行：两个进程。
    .role = broker 或 audit：只运行其中一个，用于单独的主机。
    .audit-data = 审计服务的数据目录；默认是服务器数据目录旁边的 audit。
    .audit-host = 审计服务监听的地址。
    .audit-port = 审计服务监听的端口。
    .supervised = 启动本进程的进程结束时停止。
    .data = 数据目录。
    .host = 监听地址。
    .port = 监听端口。
    .tls = own：初始化时生成的证书；given：下面两个文件；off：由本机上的代理处理 TLS。
    .tls-certificate = 含证书及其证书链的 PEM 文件。
    .tls-key = 证书私钥的 PEM 文件。
    .log-format = json 供程序读取，console 供人阅读。
    .exit-status =
        0：按要求停止。
        74：磁盘出错，应由服务管理器重新启动。
        1：其他情况。
    .examples =
        consentry serve
        consentry serve --role audit --audit-data /srv/consentry-audit
        consentry serve --data /srv/consentry --port 443
        consentry serve --tls given --tls-certificate fullchain.pem --tls-key privkey.pem

command-admin = 在服务所在的机器上设置和维护服务。
    .examples =
        consentry admin init --name "示例支持中心" --origin https://help.example.org:8443 --audit-recipient audit.json
        consentry admin user add wang --name "王伟" --staff-number E-1042
        consentry admin status

command-admin-init = 建立单位：密钥、TLS 证书和签名的配置。只做一次。
    .name = 单位名称，客户会看到。
    .origin = 客户和工程师访问本服务的地址。
    .audit-recipient = 录制内容加密所用的公钥文件，由 `consentry audit` 生成。最多四个。
    .tls-name = TLS 证书中另加的主机名或地址。可重复。
    .output-policy = bounded：输出可比确认早几秒；strict：不可以。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin init --name "示例支持中心" --origin https://help.example.org:8443 --audit-recipient audit.json

command-admin-status = 显示单位、地址、用户数和会话数。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin status
        consentry admin status --json

command-admin-profile = 显示或更改客户端所信任的签名配置。

command-admin-profile-show = 输出签名的配置。
    .data = 数据目录。
    .json = 以 JSON 输出其内容。
    .examples =
        consentry admin profile show

command-admin-profile-update = 签署新版配置。需要根密钥；之后请重启服务。
    .origin = 服务的新地址。
    .audit-recipient = 今后录制内容加密所用的公钥；取代以前的全部公钥。
    .output-policy = bounded 或 strict。
    .max-minutes = 每次最多可请求的分钟数。
    .resume-window = 中断的会话等待恢复的秒数。
    .browser = 工程师是否可以用浏览器接入。
    .ssh-gateway = 用浏览器接入的工程师是否可以通过 SSH 网关使用自己的 SSH 程序。
    .witness = 为日志作见证的一方：其密钥以及服务器向其询问的地址。每个给一次；取代以前的全部见证方。
    .no-witnesses = 不再有见证方。
    .witness-policy = required：没有见证就没有会话。optional：及时得到的见证会附上。
    .certificate = new：为服务器另做一张自己的 TLS 证书，供客户端固定。none：不固定证书，由系统的证书机构决定。更换地址时会自动另做一张。
    .tls-name = 新证书的另一个名称或地址，可重复给出。
    .engineer-ca = new：另做一个工程师证书机构，此前签发的证书在到期前仍然有效。compromised：从现在起拒绝此前签发的证书。之后请重启服务器。
    .new-log = 为建立时还没有日志的单位建立第一个日志。
    .replace-lost-log = 原日志丢失或被退回、无法继续时，用新密钥开始另一个日志。不可撤销：审计人员会收到警报，配置文件会继续列出丢失的日志。
    .data = 数据目录。
    .json = 以 JSON 输出其内容。
    .examples =
        consentry admin profile update --output-policy strict
        consentry admin profile update --witness audit.example.org+1a2b3c4d+BFc…=https://audit.example.org
        consentry admin profile update --audit-recipient new.json --audit-recipient escrow.json

command-admin-user = 添加、列出、停用人员，更改角色，重设登录方式。

command-admin-user-add = 添加一个人，并询问其密码。
    .user-name = 其登录时输入的用户名。
    .name = 姓名，客户会看到。
    .staff-number = 工号，客户会看到。
    .role = engineer、supervisor、reviewer、external-reviewer 或 administrator。第一位管理员只能在这里添加。
    .scope = 该工程师最多可请求的权限。可重复；省略则为全部。
    .team = 其所在的团队；省略则不属于任何团队。
    .totp = 每次登录都要求动态验证码；会输出供验证器应用使用的地址。
    .password-stdin = 从标准输入读取一行密码。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin user add wang --name "王伟" --staff-number E-1042
        consentry admin user add ada --name "艾达" --staff-number A-1 --role administrator --totp
        consentry admin user add li --name "李娜" --staff-number E-1043 --scope view --scope files:r --totp

command-admin-user-list = 列出人员及其角色和团队。
    .team = 只列出该团队的人；`-` 表示不属于任何团队的人。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin user list
        consentry admin user list --team 北京

command-admin-user-role = 更改某人的角色；其所有登录都会失效。
    .user-name = 其用户名。
    .role = engineer、supervisor、reviewer、external-reviewer 或 administrator。
    .data = 数据目录。
    .examples =
        consentry admin user role wang supervisor

command-admin-user-link = 允许在此工作的人通过机构的 OpenID 登录服务登录。
    .user-name = 其在此处的用户名。
    .subject = 其在登录服务中的 subject：即声明 `sub`，而不是姓名或邮箱。
    .data = 数据目录。
    .examples =
        consentry admin user link wang 248289761001

command-admin-user-logins = 列出某人在何处登录：设备、地址、起始时间、最近使用时间。
    .user-name = 其用户名。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin user logins wang

command-admin-user-log-out = 结束某人的登录，以及在一秒之内结束由此进行的一切。
    .user-name = 其用户名。
    .login = 某个登录编号的开头，见 `logins` 的列表。省略则为全部。
    .data = 数据目录。
    .examples =
        consentry admin user log-out wang
        consentry admin user log-out wang --login 5c01d7

command-admin-user-disable = 停用工程师：登录立即失效，进行中的会话在数秒内中断。
    .user-name = 该工程师的用户名。
    .data = 数据目录。
    .examples =
        consentry admin user disable wang

command-admin-user-enable = 让已停用的工程师重新可以登录。
    .user-name = 该工程师的用户名。
    .data = 数据目录。
    .examples =
        consentry admin user enable wang

command-admin-user-reset-password = 设置新密码；该工程师的所有登录都会失效。
    .user-name = 该工程师的用户名。
    .password-stdin = 从标准输入读取一行密码。
    .data = 数据目录。
    .examples =
        consentry admin user reset-password wang
        pass show work/wang | consentry admin user reset-password wang --password-stdin

command-admin-user-totp = 以新的密钥要求该工程师每次登录都输入动态验证码。
    .user-name = 该工程师的用户名。
    .off = 不再要求。
    .data = 数据目录。
    .examples =
        consentry admin user totp wang
        consentry admin user totp wang --off

command-admin-team = 指定谁在哪个团队。列表和指标按团队区分；团队不带来任何权限。

command-admin-team-list = 列出各团队及其成员。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin team list

command-admin-team-set = 把某人编入一个团队，并离开原来的团队。此前的会话仍归原来的团队。
    .user-name = 其用户名。
    .team = 团队。只要有人在其中，它就存在。
    .data = 数据目录。
    .examples =
        consentry admin team set wang 北京

command-admin-team-clear = 让某人离开其团队。
    .user-name = 其用户名。
    .data = 数据目录。
    .examples =
        consentry admin team clear wang

command-admin-team-rename = 给团队改名。此前的会话仍用当时的名称。
    .team = 团队现在的名称。
    .name = 今后的名称。
    .data = 数据目录。
    .examples =
        consentry admin team rename 北京 "北京和天津"

command-admin-events = 列出关于人员及其登录的各项决定，最新的在最后。
    .user = 只看关于该用户的。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin events
        consentry admin events --user wang

command-admin-audit-service = 允许审计服务从本服务器拉取，列出已允许者，或撤回许可。

command-admin-audit-service-add = 显示一个令牌，审计服务凭它拉取。只显示一次。
    .name = 名称。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin audit-service add audit-1 > service-token

command-admin-audit-service-list = 列出允许拉取的审计服务。
    .data = 数据目录。
    .json = 输出一个 JSON 文档。
    .examples =
        consentry admin audit-service list

command-admin-audit-service-remove = 从现在起拒绝某个审计服务。
    .name = 它的名称。
    .data = 数据目录。
    .examples =
        consentry admin audit-service remove audit-1

broker-audit-service-added = 请把上面一行交给审计主机：consentry audit init … 只在此时显示。（{ $name }）
broker-no-audit-services = 还没有审计服务可以拉取。请添加：consentry admin audit-service add …
broker-audit-service-removed = { $name } 不能再拉取。

broker-founded = { $organisation } 已建立在 { $folder }。上面一行是供客户和工程师使用的地址。
broker-founded-next = 请将 organisation/root.key 移到安全的离线位置，然后运行：consentry admin user add … 和 consentry serve
broker-status-organisation = 单位：{ $organisation }
broker-status-address = 地址：{ $address }
broker-status-users = { $users } 名用户
broker-status-sessions = 会话：{ $open } 个进行中，{ $ended } 个已结束
broker-profile-updated = 第 { $version } 版配置已签署。请重启服务以启用。
broker-user-added = { $user } 现在可以登录。
broker-user-line = { $user }  { $name }  { $number }  { $role }  { $team }  { $state }
broker-team-line = { $team }  { $count }  { $names }
broker-team-none = （无团队）
broker-team-set = { $user } 现在属于 { $team }。
broker-team-cleared = { $user } 现在不属于任何团队。
broker-team-renamed = { $team } 现在有 { $count } 人。
broker-no-teams = 还没有任何团队。可从这里开始：consentry admin team set …
broker-user-linked = { $user } 今后以 { $provider } 的 { $subject } 登录；姓名、工号和角色以其为准。
broker-user-role = { $user } 现在的角色是{ $role }；此前的登录均已失效。
broker-role =
    .engineer = 工程师
    .supervisor = 主管
    .reviewer = 评审员
    .external-reviewer = 外部评审员
    .administrator = 管理员
broker-user-disabled-mark = （已停用）
broker-user-disabled = { $user } 已停用。
broker-user-enabled = { $user } 又可以登录了。
broker-no-users = 还没有用户。请添加：consentry admin user add …
broker-password-reset = { $user } 的密码已重设，以前的登录都已失效。
broker-totp = 请将此地址交给本人的验证器应用。它只显示这一次：
broker-totp-off = { $user } 现在登录无需动态验证码。
