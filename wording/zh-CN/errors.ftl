# One entry per error class: `error-<class-name-in-kebab-case>`, with the class' fields as variables.
# Each owner of a module adds the classes of that module under a heading; a test finds the ones that are missing.

## protocol/errors.py

error-consentry-error = 出错了。
error-input-error = 无法使用该输入：{ $problem }。
error-peer-error = 对方违反了协议：{ $problem }。连接已关闭，请重试。
error-refused-error = 已被拒绝：{ $reason }
error-integrity-error = 数据不完整：{ $problem }。
error-unavailable-error = 无法连接 { $what }。请检查网络后重试。

## consentry/

error-part-not-installed = `consentry { $command }` 所需的组件尚未安装（{ $module }）。请安装：{ $install }

## protocol/chat.py

error-line-unusable = 留言为 1 到 { $limit } 个字符；这条有 { $length } 个。

## protocol/codes.py

error-code-shape-error = 连接码有 11 或 12 位数字，例如 482-9137-7551；这里有 { $digits } 位。请让客户再读一遍。
error-code-slip-error = 连接码中有一位数字不对。连接码仍然有效：请让客户再读一遍。

## protocol/cpace.py, protocol/pairing.py, protocol/control_channel.py

error-share-refused = 对方发来的公钥无法使用，可能有人在干扰。请索取新的连接码。
error-control-channel-forged = 工程师与客户之间的连接在途中被篡改，已关闭。
error-control-message-too-long = 内容太长，无法发送：{ $size_bytes } 字节，最多 { $limit_bytes } 字节。请缩短文字。

## protocol/share_url.py, protocol/signed_note.py, protocol/profile.py

error-share-url-error = 这不是服务器的地址：{ $problem }。地址形如 https://help.example.org 或 https://help.example.org:8443/#…；请从您的支持单位完整复制。
error-note-error = 无法接受该签名文本：{ $problem }。
error-profile-error = 无法接受该单位的配置：{ $problem }。请与您的支持单位核对地址，不要继续。
error-recipient-unreadable = 这不是审计密钥的公开部分（{ $problem }）。请提供保存了 `consentry audit make-key` 输出的文件，绝不要提供密钥文件本身。
error-profile-outdated = 服务器出示的单位配置是第 { $offered } 版，而此处见过第 { $known } 版。请不要继续，并告知您的支持单位。

## protocol/merkle.py, protocol/tiles.py, protocol/checkpoint.py, protocol/log_proof.py, protocol/log_leaves.py

error-merkle-error = 日志的证明不成立：{ $problem }。
error-tile-error = 日志文件 { $path } 已损坏：{ $problem }。
error-checkpoint-error = 无法接受日志的检查点：{ $problem }。
error-log-proof-error = 无法接受日志的证明：{ $problem }。
error-witness-missing = 日志的证明需要 { $needed } 个见证方签名，只有 { $found } 个。
error-log-rolled-back = 该单位的日志现有 { $size } 条，而此处上次看到时有 { $known_size } 条：有人从中去掉了条目。没有允许任何操作。请不要继续，并告知您的支持单位及其审计人员。
error-log-forked = 该单位的日志没有接续此处以前见过的内容：有人改动了它，或者向不同的人出示不同的日志。没有允许任何操作。请不要继续，并告知您的支持单位及其审计人员。
error-no-log = 该单位没有为其会话保留公开日志，因此没有允许任何操作。请让您的支持单位更新服务器。
error-no-proof = 该单位的日志没有在 { $seconds } 秒内证明此会话已登记，因此没有允许任何操作。请稍后再试；如果一直如此，请告知您的支持单位。
error-receipt-unreadable = 无法读取文件 { $path }：{ $problem }。
error-entry-missing = 日志中没有此会话的这一条目：其录制尚未开始，或尚未结束。
error-log-missing = { $path } 中的单位还没有透明日志。请在此机器上运行一次 consentry admin profile update --new-log。
error-log-exists = { $path } 中的单位已有透明日志，未作更改。如果该日志已丢失，请用 `consentry admin profile update --replace-lost-log` 开始另一个。
error-witness-unreadable = { $text } 不是见证方。请写出它的密钥和地址：--witness 名称+标识+密钥=https://witness.example
error-log-not-named = 该单位没有为其会话保留公开日志，因此没有打开任何会话。它的服务器版本过旧。
error-proof-delayed = 日志或其所需的见证方没有应答。请稍后再试。
error-leaf-error = 无法读取日志条目：{ $problem }。
error-witness-request-malformed = 这不是正确的 add-checkpoint 请求：{ $problem }。

## audit/log/

error-log-broken = 透明日志无法继续：{ $problem }。未作任何更改。请把它的文件和账本恢复到任何人见过的最新检查点之后的同一时刻。如果没有这样的副本，请开始另一个日志：`consentry admin profile update --replace-lost-log`。
error-log-busy = { $folder } 中的透明日志正被另一个服务器使用。请先停止那一个。
error-log-failed = 服务器无法写入透明日志，暂不接受会话。已经证明过的内容没有丢失。
error-listen-address-unusable = { $text } 不是可以监听的地址。请写出主机和端口：127.0.0.1:8450
error-witness-certificate-unusable = 无法使用 { $path } 中的见证方证书：{ $problem }。请看 CONSENTRY_WITNESS_CERTIFICATES。
error-witness-unreachable = 无法连接见证方 { $name }（{ $problem }）。

## protocol/certificates.py, protocol/access_requests.py

error-certificate-error = 无法接受该工程师的证书：{ $problem }。
error-certificate-outdated = 该工程师的证书有效期为 { $not_before } 至 { $not_after }（UTC），而本机时钟为 { $now }。如果本机时钟是准的，则是服务器的时钟不准，应由工程师一方的管理员校正；否则请校正本机时钟。
error-certificate-field-error = 无法签发证书：{ $problem }。
error-access-request-forged = 工程师的请求没有正确签名，已被拒绝。请索取新的连接码。

## protocol/grants.py

error-not-your-turn = 工程师的程序在不该请求时请求了访问：{ $problem }。
error-scope-not-allowed = 该工程师的证书不允许请求：{ $scopes }。
error-too-long-asked = 每次最多可请求 { $limit } 分钟，而请求了 { $minutes } 分钟。请减少时间。
error-asked-too-often = 客户已拒绝 { $limit } 次。请与客户沟通；再次请求需要新的连接码。
error-session-too-old = 一次会话最长 { $hours } 小时。如需继续，请索取新的连接码。
error-nothing-asked = 已经没有等待答复的请求。
error-allow-too-soon = 请先阅读请求内容，{ $seconds } 秒后才能允许。
error-allow-too-much = 只能允许所请求的内容：最多 { $minutes } 分钟，以及 { $scopes }。

## protocol/attestation.py, protocol/ratings.py, protocol/receipts.py

error-attestation-forged = 工程师关于输出内容的声明没有正确签名。
error-rating-forged = 该评价没有本次会话客户的签名。
error-rating-late = 评价可在会话结束后 72 小时内更改，现已过期，保持不变。
error-rating-older = 已保存该会话更新的评价，这一份没有改变任何内容。
error-rating-link-error = 这不是评价链接：{ $problem }。请从回执中完整复制，或给出回执文件。
error-rating-unreachable = 无法连接服务器 { $host }（{ $problem }）。评价未更改，请重试。
error-comment-too-long = 意见最多 { $limit } 个字符，这里有 { $count } 个。
error-receipt-file-unusable = 无法读取或替换回执 { $path }：{ $problem }。
error-receipt-error = 该回执不可信：{ $problem }。

## engineer_client/

error-chat-not-known = 客户的程序不接收留言，或会话已结束。请通过电话沟通。
error-line-not-taken =
    { $reason ->
        [not-in] 您现在不在会话中，没有人看到这条留言。
        [too-fast] 发送太快，没有人看到这条留言。请稍等片刻再发送。
        [full] 此会话中的留言太多，不再接收。
       *[other] 留言未被接收，没有人看到它。
    }
error-whisper-unusable = 悄悄话有 1 到 { $limit } 个字符，这里有 { $length } 个。
error-session-unclear = 有 { $count } 个进行中的会话以 { $text } 开头。consentry sessions --everybody 会列出它们。
error-stop-names-one = 使用 --reason 时请指定一个会话：consentry end SESSION --reason TEXT。
error-invite-not-known = 客户的程序不能为同事生成连接码，或会话已结束。请向客户索取连接码。
error-take-over-not-known = 客户的程序不支持接替，或会话已结束。请改为追加申请（consentry request-more），并请客户让另一位离开。
error-nobody-to-take-over = 会话中没有可以接替的人。
error-several-to-take-over = 会话中有多位工程师。请指明接替谁。
error-line-uncertain = 客户的计算机尚未确认该留言，它仍可能送达。

error-session-has-ended =
    会话已结束：{ $reason ->
        [engineer-ended] 由工程师结束
        [customer-ended] 由客户结束
        [denied] 客户没有同意
        [expired] 时间已到
        [idle] 长时间没有操作
        [abandoned] 客户端程序停止了
        [recorder-failed] 无法继续记录
        [broker-ended] 由服务端结束
        [supervisor-ended] 由主管结束
       *[other] 连接中断
    }。如需继续，请客户重新生成连接码。
error-access-denied =
    { $reason ->
        [timeout] 客户没有及时答复。请与客户沟通后再次申请。
        [certificate] 客户端程序不接受您的证书。通常是时钟不准：请问客户的时钟显示几点，并与您的对照。若两者一致，请告知管理员。
        [scope] 您的机构不允许您申请此权限。
        [root-needed] 客户端以系统管理员身份运行：请同时申请 root 权限，或请客户以普通用户身份启动。
        [root-absent] 客户端不以系统管理员身份运行：请不要申请 root 权限。
        [policy] 您的机构的规定不允许这样做。
        [nobody] 没有可以接替的人：对方已离开，或其权限刚刚有变。请看看谁在会话中，再次申请。
        [several] 会话中有多位工程师。请指明接替谁：--from 工号。
       *[other] 客户没有同意。
    }
error-agent-silent = 客户的电脑没有响应，可能已休眠或断网；请重试。
error-server-unreachable = 无法连接 { $origin } 的服务（{ $problem }）。请检查地址和网络。
error-server-not-trusted = { $origin } 出示的证书不可信（{ $problem }）。没有发送任何数据。
error-login-needed = 您尚未登录，或登录已过期。请登录：{ $command }
error-answer-not-kept = 无法保存收到的内容（{ $problem }）。请腾出空间，或换一个文件。
error-server-refused = 服务端拒绝：{ $reason }
error-login-ends-before = 服务端给您的登录有效期至 { $until }（UTC），但这台电脑的时钟是 { $now }。请与可信的时钟对照：若这台电脑的时钟不准，请校准后重新登录；若它是准的，请告知管理员，由其校准服务端的时钟。
error-clocks-apart = 服务端的时钟为 { $theirs }（UTC），这台电脑的时钟为 { $ours }（UTC），相差 { $minutes } 分钟。请与可信的时钟对照：若这台电脑的不准，请校准后重试；若服务端的不准，请告知管理员，由其校准。重新登录没有用。
error-address-needed = 请指明服务地址：consentry login https://…（可向管理员索取）。
error-answer-needed = 缺少 { $option }，且没有可供询问的终端。请在命令行中给出。
error-wrong-code = 连接码不正确，已作废。请客户重新生成。如果客户确信没有读错，可能有人从中作梗：请告知管理员。
error-code-expired = 连接码已过期。请客户重新生成。
error-code-cancelled = 客户取消了连接码。请问问客户是否还需要帮助。
error-customer-lost = 核对连接码时与客户的连接中断。请客户重新生成连接码。
error-pairing-broken = 对方不符合规则，没有建立任何连接。请客户重新生成连接码。
error-folder-not-private = 文件夹 { $path } 存有密钥，而其他人可以访问。请改为仅自己可用：chmod 700 { $path }
error-alias-unusable = { $alias } 不能用作别名。最多 40 个字母、数字和连字符，且不以连字符开头。
error-alias-taken = 名称 { $alias } 已被使用。请用 --alias 另选一个。
error-path-unusable = ssh 无法使用路径 { $path }。请把 CONSENTRY_HOME 设为名称更简单的文件夹。
error-ssh-config-not-writable = 无法修改 { $path }（{ $problem }）。请自行把这一行加在最前面，或使用 --no-ssh-config：{ $line }
error-no-such-shell = 自动补全适用于 { $shells }，而本程序不是从其中之一启动的。请在这些 shell 中运行。
error-no-such-session = 本机没有会话 { $session }。可用 `consentry sessions` 查看。
error-several-sessions = 是哪个会话？已打开：{ $choices }。请指明其中之一。
error-no-session = 本机没有打开的会话。开始请用：consentry connect 连接码
error-note-unusable = 备注需要 1 至 { $limit } 个字符；现在有 { $length } 个。
error-nothing-requested = 请说明需要什么：--scope、--minutes，或两者。
error-open-ssh-missing = 本机没有 `ssh`。请安装 OpenSSH 客户端，或使用 --client built-in。
error-ssh-failed = 与客户电脑的连接失败（{ $problem }）。如果会话仍然打开，请重试。

## broker/config.py, broker/organisation/, broker/server.py, broker/storage/, broker/commands.py

error-setting-unusable = 设置项 { $setting } 无法使用：{ $problem }。
error-data-folder-unusable = 数据目录 { $path } 无法使用：{ $problem }。
error-key-file-unusable = 密钥文件 { $path } 无法使用：{ $problem }。
error-no-organisation = { $path } 中尚未建立单位。请先在本机运行 `consentry admin init`。
error-organisation-exists = { $path } 中已建立过单位，未作更改。
error-organisation-broken = { $path } 中的单位数据不一致：{ $problem }。
error-address-in-use = 服务无法监听 { $host } 的端口 { $port }：{ $problem }。
error-tls-file-unusable = 无法使用 TLS 证书 { $certificate } 和密钥 { $key }：{ $problem }。
error-database-full = 服务器的磁盘已满。没有任何改动。请告知负责运行的人，腾出空间后再试。
error-database-unusable = 无法使用数据库 { $path }：{ $problem }。
error-passphrases-differ = 两次输入的口令不一致，没有生成密钥。请重试。
error-home-unusable = 无法使用存放本程序自身文件的文件夹 { $path }：{ $problem }。请用 --home 或 { $variable } 指定另一个。
error-passwords-differ = 两次输入的密码不一致，未作更改。
error-nobody-to-ask = 没有可供输入密码的终端。请用 --password-stdin 提供。
error-nothing-to-change = 没有指定要更改的内容。请看：consentry admin profile update --help

## serving/identity/, serving/limits.py

error-user-name-unusable = 用户名 { $user_name } 无法使用。请用 1 到 63 个字符：a-z、0-9、点、短横线和下划线。
error-team-name-unusable = 团队名称须为 1 到 64 个可见字符，其中至少有一个字母或数字。
error-team-unknown = 没有人在团队 { $team } 中。可用 `consentry admin team list` 查看各团队。
error-team-taken = 已有团队 { $team }。请逐一移动其成员。
error-user-text-unusable = { $field } 必须是 1 到 64 个可见字符。
error-user-exists = { $field } 已被其他用户使用：{ $value }。
error-user-unknown = 没有用户 { $user_name }。可用 `{ $command } user list` 查看。
error-password-unusable = 密码须为 12 到 256 个字符。
error-logins-busy = 此刻登录的人太多。请等几秒再试。
error-login-locked = 登录失败次数太多。请等 { $seconds } 秒再试。
error-login-refused = 用户名、密码或动态验证码不正确。
error-one-time-number-wrong = 动态验证码或恢复码不正确，或已使用过。如果应用显示的正是它，请让手机自动校准时间。
error-one-time-number-needed = 该用户登录还需要动态验证码。请输入验证器应用中的六位数字。
error-own-password-first = 请先在控制台的“账户”中设置您自己的密码。
error-token-not-allowed = 该 API 令牌不允许这样做。请另行制作合适的令牌，或登录。
error-password-wrong = 这不是您的密码，未作更改。
error-changed-meanwhile = { $user_name } 在此期间已被他人更改。请先重新查看，再作更改。
error-secret-unreadable = { $user_name } 的密钥无法用 { $path } 打开。请恢复与之对应的密钥文件。
error-not-allowed = 您的角色 { $role } 不允许这样做。
error-api-token-over = 此 API 令牌已过期、已被吊销，或不属于本服务器。请在“账户”中另建一个。
error-not-logged-in = 您尚未登录，或登录已过期。请运行 `consentry login`。
error-fresh-sign-in-needed = 请确认是您本人：这需要最近 { $minutes } 分钟内的登录。请重新登录。
error-ceremony-over = 耗时太长，或已被使用过。请重新开始。
error-account-locked = 您的账户已被锁定。请联系您的管理员。
error-passkey-refused = 该通行密钥未被接受。请用其他方式登录，或告知您的管理员。
error-passkey-copied = 该通行密钥似乎被复制过，未被接受。请将其删除，并告知您的管理员。
error-passkey-unusable = 此设备的通行密钥无法在这里使用。请换一台设备或一个浏览器。
error-passkey-known = 该通行密钥已在使用。
error-last-passkey = 没有这个通行密钥您将无法登录。请先添加另一个。
error-too-many-passkeys = 您已有 { $limit } 个通行密钥。请先删除一个不再使用的。
error-passkey-unknown = 您没有这个通行密钥。
error-token-too-powerful = API 令牌最多可以有：{ $permissions }。
error-too-many-tokens = 您有 { $count } 个 API 令牌。请先撤销一个不再使用的，再制作新的。
error-token-unknown = 没有这个 API 令牌，或它已被撤销。
error-too-many-device-logins = 此刻等待登录的程序太多。请几分钟后再试。
error-user-code-unknown = 没有程序在用这个代码等待。请与程序显示的代码核对；它可能已过期。
error-authorization-pending = 还没有人答复。请在 { $seconds } 秒后再问。
error-slow-down = 您问得太频繁。请在 { $seconds } 秒后再问。
error-device-login-denied = 该登录在浏览器中被拒绝。
error-device-login-expired = 该代码已过期，或服务器已重启。请重新开始。
error-too-busy = 此刻请求太多。请等 { $seconds } 秒再试。

## serving/identity/openid/

error-provider-unreachable = 无法连接贵机构的登录服务 { $host }。请重试，或告知您的管理员。
error-provider-broken = 贵机构的登录服务给出了无法使用的答复：{ $problem }。请告知您的管理员。
error-provider-certificates-unusable = 无法使用 { $path } 中 OpenID 登录服务的证书：{ $problem }。
error-code-refused = 贵机构的登录服务没有接受返回的请求（{ $problem }）。请重新开始。
error-id-token-refused = 贵机构的登录服务给出了不可信的答复。请告知您的管理员。
error-provider-clock-off = 贵机构的登录服务与本服务器的时间不一致。请告知您的管理员。
error-signing-key-unknown = 贵机构的登录服务使用了没有公布的密钥。请重试，或告知您的管理员。
error-claim-missing = 贵机构的登录服务没有给出可用的信息（{ $claim }）。请告知您的管理员。
error-sign-in-not-ours = 这不是对此处发起的登录的答复。请重新开始。
error-provider-said-no = 贵机构的登录服务拒绝了。请重试，或告知您的管理员。
error-sign-in-stronger = 贵机构的登录强度不够。请在那里使用第二重验证登录。

## broker/http_api/sign_in_ways.py, broker/organisation/admission.py

error-no-provider = 没有配置 OpenID 登录服务：CONSENTRY_OIDC_ISSUER 为空。
error-no-audit-provider = 未配置 OpenID 登录服务：CONSENTRY_AUDIT_OIDC_ISSUER 为空。
error-way-off = 这里不能用这种方式登录。可用的方式见登录页面；命令行请加 --browser。
error-provider-sign-in-needed = 这次请使用 { $provider } 登录：您在此的权限来自那里，上次得知是在 { $hours } 小时前。
error-no-role-here = 您已登录，但您所在的组都不能在此工作。请联系您的管理员。
error-not-added-here = 您已登录，但没有人在此添加您。请联系您的管理员。
error-person-clashes = 这里已有人使用您的用户名或工号。请管理员将两者关联。

## engineer_client/logins.py

error-login-unclear = 您有 { $count } 个登录以 { $text } 开头。可用 `consentry logins` 查看；请多给几位。

## broker/http_api/, broker/organisation/people.py, broker/people_commands.py

error-person-unknown = 没有使用该用户名的人。
error-not-yourself = 您自己的账户由另一位管理员更改，或在“我的账户”中更改。
error-version-missing = 请说明您看到的是哪个版本：将得到的 ETag 作为 If-Match 发送。
error-login-unknown = 没有这个登录，或它已经结束。
error-number-wrong = 这不是应用此刻为该密钥显示的数字，未作更改。如果应用显示的正是它，请让手机自动校准时间。
error-second-factor-missing = 恢复码用来代替动态验证码。请先设置动态验证码。
error-login-not-found = { $user_name } 没有以 { $text } 开头的登录。可用 `{ $command } user logins { $user_name }` 查看。

## broker/pairing/

error-all-codes-taken = 此刻所有连接码都在使用中。请等一分钟再试。
error-origin-foreign = 本服务的网页只在它自己的地址下可用。请打开 { $origin }。
error-pages-not-built = 此安装不含浏览器页面。如果是代码检出目录，请用 make web 构建。
error-engineer-locked = 失败的连接码太多，您的配对已被锁定。请在 { $minutes } 分钟后再试，并告知您的主管。
error-code-unknown = 没有客户在用这个连接码等待。请再问一次连接码，它可能已过期。
error-code-crowded = 另一名工程师正在使用这个连接码。请客户换一个新的。
error-customer-away = 客户的连接中断了。请稍后用同一个连接码再试。
error-too-many-codes = 本次会话打开的连接码太多。请先使用或取消一个。

## broker/sessions/, broker/websockets/

error-session-unknown = 没有这个会话，或它不属于您。
error-session-token-wrong = 此处没有这个会话，或其令牌不正确。请开始新的会话。
error-session-over = 本次会话已结束。
error-stop-reason-missing = 您没有参与此会话。请说明终止的原因：客户和工程师会看到它。
error-not-in-any-more = 您已不在此会话中，而其他人还在。只有会话中的人可以结束它；主管须说明原因。
error-request-unknown = 队列中没有这个请求。
error-request-taken = { $name } 更快，已接手此请求。
error-request-not-yours = 您没有接手此请求。由接手的人或主管放回。
error-request-over = 此请求已不在队列中。
error-queue-full = 等待的客户太多，不再接收请求。请稍后再试，或致电。
error-tier-unknown = 没有等级 { $tier }。可用的等级：{ $tiers }。
error-code-not-to-be-had = 服务器现在无法给出连接码。请稍后再试。
error-words-unusable = --ask 有 1 到 500 个字符，--name 最多 100 个；这里的说明有 { $length } 个字符。
error-code-whispered = 这看起来像一次性连接码，服务器不得知道它。请口头读给同事。
error-whispers-full = 关于此会话的悄悄话太多，不再接收。请通过电话沟通。
error-note-unknown = 没有这条备注，或它不属于您。
error-note-changed = 这条备注刚刚在别处被更改。更改之前请再看一遍。
error-note-closed = 备注在 { $hours } 小时内可以更改，这一条已超过。请另写一条。
error-too-many-sessions = 此刻打开的会话太多。请稍后再试。
error-engineer-busy = 您已参加 { $count } 个会话。请先结束一个，再试。
error-hello-missing = { $seconds } 秒内没有收到第一条消息，连接已关闭。请再试。

# ── audit and sealed records ──

error-record-malformed-error = 记录 { $seq } 的结构不符合格式：{ $problem }。已拒绝。
error-record-too-large-error = 记录 { $seq } 有 { $size_bytes } 字节，最多允许 { $limit_bytes } 字节。已拒绝。
error-record-body-changed-error = 记录 { $seq } 的内容在封存之后被改动。
error-record-signature-error = 记录 { $seq } 不是由本会话的客户端签名的。
error-record-foreign-error = 记录 { $seq } 属于另一次会话。
error-record-missing-error = 缺少记录 { $expected }：其位置上来的是记录 { $seq }。
error-record-repeated-error = 记录 { $seq } 已经存在；应当来的是记录 { $expected }。
error-record-chain-error = 记录 { $seq } 没有接续它前面的记录。
error-record-epoch-error = 记录 { $seq } 的位置不对：{ $problem }。
error-audit-recipient-error = 本组织的审计密钥 { $key_id } 无法使用：{ $problem }。没有它就不能开始会话；请告知贵组织的管理员。
error-no-audit-recipient-error = 本组织的审计密钥目前都不在有效期内。请检查本机时钟；如果时钟无误，请告知贵组织的管理员。
error-seal-too-large-error = 这些事件放不进一条记录（{ $size_bytes } 字节，最多允许 { $limit_bytes } 字节）。
error-session-file-error = 会话 { $session } 的文件 { $name } 无法读取：{ $problem }。
error-disk-full-error = 中转服务器的磁盘快满了，无法录制。请在运维人员腾出空间之后再试。
error-store-failed-error = 中转服务器无法写入磁盘，已停止录制。它确认过的内容都没有丢失。
error-store-busy-error = 记录文件夹 { $folder } 正被另一个中转服务器使用。请停止那一个，或另选文件夹。
error-session-not-open-error = 收到的记录所属的会话尚未开启录像。请先开启。
error-other-opening-error = 本会话的录像已用另一把密钥或另一份清单开启，保持不变。
error-fork-detected-error = 记录 { $seq } 与先前签名的记录相矛盾。会话已冻结；两份都已保留。
error-session-frozen-error = 本会话的录像已冻结，因为客户端签署了两段不同的历史。
error-recorder-too-fast-error = 未等确认就送来了超过 { $limit_bytes } 字节的记录。
error-audit-key-error = 审计密钥 { $path } 无法使用：{ $problem }。
error-audit-key-exists-error = { $path } 处已有审计密钥。可能有录像是用它封存的，因此不会覆盖。
error-audit-key-too-open-error = 其他用户能读取审计密钥 { $path }。请限制权限：chmod 600 { $path }
error-passphrase-error = 这个口令打不开审计密钥 { $path }。
error-sealed-for-others-error = 记录 { $record } 不是封存给这把审计密钥的。它写明的是：{ $key_ids }。
error-seal-broken-error = 记录 { $record } 已签名，但无法打开：{ $problem }。
error-date-error = { $text } 不是日期。请写 2026-11-25，或 2026-11-25T14:30；时间为 UTC。
error-page-error = { $text } 不是可以继续的位置。请照抄上一页结束时给出的内容。
error-folder-needed-error = 分段录像由多个文件组成。请用 --output DIR 指定存放的文件夹。
error-index-key-error = 索引密钥 { $name } 无法使用：{ $problem }。删除索引文件夹即可重新建立索引。
error-index-for-others-error = { $folder } 中的索引是用另一把审计密钥建立的。请给出那把密钥，或用 --index 指定另一个文件夹。
error-index-erased-error = 会话 { $session } 的录像已被抹除。
error-index-damaged-error = 会话 { $session } 的索引已损坏（{ $problem }）。可以由记录重新建立。
error-not-indexed-error = 会话 { $session } 还没有索引。索引随记录到达而生成。
error-record-gap-error = 会话 { $session } 的索引在等待第 { $due } 号记录，得到的却是第 { $record } 号。
error-query-error = { $text } 中没有可供查找的词语。请写词语，或把相邻的词语放在引号内。
error-records-folder-error = 记录文件夹 { $folder } 无法读取：{ $problem }。请用 --records 给出。
error-unknown-session-error = { $folder } 中没有编号以 { $text } 开头的会话。`consentry audit list` 会列出全部。
error-ambiguous-session-error = 有 { $count } 次会话的编号以 { $text } 开头。请多写几位。
error-session-lost-error = 会话 { $session } 的录像已丢失：缺少其链条起始的文件。
error-qa-ratings-error = { $path } 的第 { $line } 行不是评分。请从副本恢复该文件；未作任何改动。
error-engineers-receipt = { $path } 是工程师的回执。请在工程师的机器上用 `consentry receipts` 补全。
error-nothing-to-complete = 回执 { $path } 中没有会话开始的证明，因此无法补全。请原样保存。
error-no-end-yet = 该单位的日志中还没有这次会话的结束。中转服务器不再等待客户一方之后才会写入：请过一刻钟再试。
error-proof-file-unusable = { $path } 中的证明无法使用：{ $problem }。
error-end-not-proved = 这里没有会话 { $session } 结束的证明。审计服务会把它保存在录像旁边。
error-key-needed-error = 阅读录像需要审计密钥。请用 --key FILE 或 CONSENTRY_AUDIT_KEY 给出。
error-time-error = { $text } 不是时间。请写秒数，或分和秒：90、1:30、0:01:30.5。
error-nothing-found-error = 这份录像的终端里没有 { $text }。
error-ca-key-error = 工程师 CA 的公钥必须照组织档案中 engineer_ca_key 的写法给出，或写成十六进制数字；其后可加 @ 和截止时间，例如 @2026-11-30T14:00:00Z。
error-profile-without-broker = 组织档案要由其签名证明：请用 --broker 给出服务器的地址，须含 # 之后的部分。
error-profile-file-unusable = 档案文件 { $path } 无法读取：{ $problem }。

## agent_client/recorder/

error-recording-not-opened = 无法开始录制：支持单位的服务器没有及时确认。没有共享任何内容。请检查网络后重新共享。
error-recording-unconfirmed = 支持单位的服务器长时间没有确认录制，会话已结束。已录制的内容将在您下次共享时送出。
error-recording-stopped = 会话已结束，因为无法继续录制：{ $problem }
error-records-refused = 支持单位的服务器拒绝接收此录制：{ $reason }
error-acks-disagree = 服务器确认的记录与已发送的不符（{ $problem }）。会话已结束。
error-spool-broken = 录制内容无法保存在本机（{ $problem }）。请腾出磁盘空间后重新共享。
error-bad-redaction-rules = 无法使用遮盖规则文件 { $path }：{ $problem }。请改正后重新共享。

## protocol/stream.py, protocol/legs.py, tunnel/, broker/relay/, engineer_client/ssh_proxy.py

error-opening-refused = 有人试图接管正在运行的连接，已被拒绝：{ $problem }。
error-leg-refused = 服务器没有开通到会话的连接（状态 { $status }）。
error-leg-unavailable = 无法连接服务器 { $host }（{ $problem }）。请检查网络；会话会等待。
error-broker-out-of-reach = 无法连接服务器 { $host }（{ $problem }）。请检查网络。
error-broker-unavailable = 无法连接服务器 { $host }（{ $problem }）。请检查网络后重试。
error-conversation-refused = 服务器拒绝了连接（状态 { $status }）。
error-profile-unavailable = 无法连接服务器 { $host }（{ $problem }）。请检查地址和网络。
error-broker-unproven = 无法证实服务器 { $host } 的身份（{ $problem }）。请使用支持单位给您的完整地址，包括 # 之后的部分。
error-sign-in-elsewhere = 服务器 { $origin } 的登录页面在 { $elsewhere }。如果那是贵单位的地址，请用该地址登录。
error-certificate-unreadable = 组织资料中的服务器证书无法读取。请告知您的支持单位。
error-session-file-unusable = 会话文件 { $path } 无法使用（{ $problem }）。请用新的连接码重新连接：consentry connect
error-stream-unavailable = 无法连接到会话（{ $reason }）。会话可能已结束；如果已结束，请向客户要新的连接码。
error-ticket-refused = 此连接的凭证无效：{ $reason }。请重新连接以取得新的凭证。
error-session-is-over = 会话已结束。要继续，请向客户要新的连接码：consentry connect
error-session-unreachable = 没能及时连上客户的计算机。会话可能仍然开放，请重试。
error-session-broken = 与客户计算机的连接前后不符，已被关闭。请重试。
error-proxy-usage = 用法：consentry ssh-proxy 别名（由 ssh 自行运行；您要用的是：ssh 别名）

## agent_client/access.py, agent_client/shell/, agent_client/ssh/, agent_client/files/

error-scope-not-granted = 客户没有授予“{ $scope }”权限。可以提出请求：consentry request-more --scope { $scope }
error-program-not-started = 无法在客户的计算机上启动该程序：{ $problem }。
error-request-not-offered = 本次会话不提供“{ $request }”。
error-too-many-channels = 此连接上打开的通道已超过 { $limit } 个。请关闭一些后重试。
error-outside-folders = 该路径不在客户授权的文件夹之内：{ $folders }。
error-path-not-usable = 无法使用该路径：{ $problem }。
error-too-many-open-files = 此 SFTP 会话中打开的文件已超过 { $limit } 个。请关闭一些后重试。

## agent_client/ (session, grants, start), consentry/practice.py

error-another-organisation = { $origin } 背后的机构不是本机所认识的那一个：其密钥已改变。请不要继续。如果您的支持机构确认了这一变更，请删除 { $path } 后重试。
error-nothing-offered = 工程师请求的内容都不在您用 --only 提供的范围之内，因此没有询问您。
error-browser-not-allowed = 该机构不允许工程师通过浏览器进入。
error-root-must-be-asked = 工程师申请的权限少于本程序所能给予的：本程序以系统管理员身份运行。已告知对方须明确申请此权限。
error-root-not-to-be-had = 工程师申请以管理员身份操作，而本程序不以管理员身份运行，无法给予。已告知对方申请时不要包含此权限。
error-root-not-wanted = 这会共享整台机器：程序正以系统管理员身份运行。请改用普通用户运行；确有需要请加 --as-root。
error-folder-missing = 没有文件夹 { $path }。请用 --folder 指定一个存在的文件夹。
error-terminal-cannot-draw = 此终端无法绘制画面（TERM=dumb），您将看不清向您提出的问题。请在终端程序的窗口中运行。
error-terminal-missing = 没有可以向您询问的终端。请在终端中运行，或由程序使用 --json。
error-desktop-missing = 这里没有可以打开页面的桌面或浏览器。请去掉 --page，或在桌面的终端中启动。
error-two-faces = --page 是给您看的，--json 是给程序用的：请只选其一。
error-page-not-built = 本安装不含本地页面。如果是源码目录，请用 make web 构建。
error-too-many-wrong-codes = 连续三个连接码都被输错，因此不再生成。可能有人在猜测。请拨打您信任的号码联系支持机构，然后重新开始。
error-no-free-port = 在 { $first } 和 { $last } 之间没有空闲端口。请停止占用端口的程序后重试。
error-practice-part-failed =
    { $part ->
        [broker] 服务器
       *[customer] 练习客户
    }没有启动或自行停止了，练习也随之结束。它最后的输出在 { $log }；要继续，请重新启动练习。
error-practice-step-failed = 无法建立练习用的机构：“consentry { $step }”说：{ $problem }
error-too-many-folders = 最多可以共享 { $limit } 个文件夹，现在指定了 { $count } 个。请指定包含它们的上级文件夹。
error-practice-running = { $folder } 中的练习已在运行。请先停止它，或用 --data 指定另一个目录。
error-receipt-not-written = 回执无法写入 { $folder }（{ $problem }）。请向您的支持机构索取记录。
error-port-taken = 端口 { $port } 已被占用，可能是另一个练习。请停止它后重试。
error-practice-half-made = { $folder } 中的练习机构没有建完。请删除该文件夹，或用 --data 指定另一个。

## consentry/serve.py

error-part-ended = { $part } 进程自行结束，状态为 { $status }；另一个进程已停止。原因见其日志。

## audit/service/

error-audit-setting-unusable = 设置 { $setting } 无法使用：{ $problem }。
error-no-audit-service = { $path } 中尚未设置审计服务。请先在本机运行 `consentry audit init`。
error-audit-service-runs = { $path } 中的审计服务已在运行。请先停止它。
error-audit-service-exists = { $path } 中已经设置过审计服务，未作更改。
error-audit-service-broken = 无法使用文件 { $path }：{ $problem }。
error-token-missing = 请在标准输入给出服务令牌，由 `consentry admin audit-service add` 显示。
error-session-erased-error = 本次会话的录像已被清除，不再接收其内容。

## broker/audit_feed/

error-audit-service-exists-already = 已经有名为 { $name } 的审计服务。请先移除它，或换一个名称。
error-audit-service-unknown = 没有名为 { $name } 的审计服务。可用 `consentry admin audit-service list` 查看。
error-passphrase-needed = 审计密钥 { $path } 有口令保护。请用 CONSENTRY_AUDIT_PASSPHRASE_FILE 指定存放口令的文件。
error-recording-hostile-error = 无法安全地读取该录像：{ $problem }。密封的记录仍然保留。
error-recording-refused-error = { $sentence_of_worker }
error-worker-unavailable-error = 暂时无法读取录像：读取进程无法启动。请查看日志。
error-broker-unavailable-error = 服务器 { $origin } 没有应答（{ $problem }）。审计服务会自行重试。
error-token-refused-error = 服务器 { $origin } 不接受该审计服务。请换用新令牌：consentry audit connect
error-nothing-live = 该会话已经结束：可以回放，没有实时画面。
error-search-failed-error = 搜索没有完成。请再试一次，或缩小范围：指定工程师、客户或时间。
error-index-not-ready-error = 该会话的索引还在建立，请在 { $seconds } 秒后再试。
error-purpose-missing = 请说明查看该录像的目的（purpose）：它会被记下，他人可以读到。
error-session-not-here = 这里没有该会话，或者它不归您查看。

## audit/vault/external_key.py, audit/vault/keys.py, audit/vault/opening.py

error-opener-failed-error = 持有审计密钥 { $key_id } 的程序 { $program } 未能打开：{ $problem }。
error-unseal-error = 审计密钥 { $key_id } 打不开该内容。
error-recording-erased-error = 会话 { $session } 的录像已被清除。其链仍可验证，但无法再读取。

## audit/service/retention.py

error-too-young-to-erase = 该录像在会话结束后保留 { $days } 天，还要 { $left } 天才能清除。
error-recording-changed = 记录送达时是完整的，现在已不是代理程序签名的内容。
error-held-from-erase = 该录像处于法律保全之下（{ $reason }），不能清除。
error-second-person-needed = 必须由提出者以外的人确认。
error-request-not-open = 没有这项请求，或者它已经得到答复。
error-reason-missing = 请说明原因：确认的人会读到它。
error-erases-not-learned = 本审计服务是从副本恢复的，尚未能向代理服务器的日志询问此后清除了哪些录像。在此之前不会显示任何录像。请让它能连上代理服务器。
error-recording-set-aside = 本审计服务是从副本恢复的；组织的日志表明，该录像在制作副本之后已被清除。在清除请求得到确认或被拒绝之前，任何人都看不到它。
error-backup-folder-unusable = 无法使用目录 { $path }：{ $problem }。

## audit/service/rotation.py

error-rotation-under-way = 审计密钥正在更换中。参见：consentry audit key rotate status
error-no-rotation = 审计密钥没有在更换。请先运行：consentry audit key rotate start
error-not-overlapping = 服务器的配置尚未同时指明两把密钥，此时完成会丢失录像。请先：{ $command }
error-too-many-recipients = 服务器的配置指明了 { $count } 把审计密钥，最多 { $limit } 把。请先停用其中一把。
error-rotation-broken = 无法读取文件 { $path }：{ $problem }。
error-nothing-to-connect = 请在标准输入给出服务的新令牌，或用 --broker 给出服务器的新地址，或两者都给出。
## audit/quality/

error-scorecard-unusable = 评分表 { $name } 无法使用：{ $problem }。
error-answers-unusable = 这些答案与评分表不符：{ $problem }。
error-records-needed-error = 请说明录像所在的位置：--records 文件夹，或 CONSENTRY_RECORDS。
error-mark-rules-unusable = { $path } 中的标记规则无法使用：{ $problem }。
error-plan-unusable = 该抽样计划无法使用：{ $problem }。
error-not-yours = 您可见的范围内没有这个会话或评审。
error-role-needed = 这需要由 { $role } 来做。
error-review-unknown = 没有编号以 { $text } 开头的评审。`consentry review list` 可列出全部。
error-review-ambiguous = 有 { $count } 份评审的编号以 { $text } 开头。请多给几位。
error-review-submitted = 该评审已提交，不能更改。可以提出一次异议。
error-review-not-submitted = 该评审尚未提交。
error-not-your-review = 该评审分配给了 { $reviewer }。
error-disputed-before = 该评审已被提出过异议，异议只能提出一次。
error-not-disputed = 没有人对该评审提出异议。
error-decided-before = 该异议已裁定：{ $outcome }。
error-decided-by-reviewer = 异议须由评审员以外的人裁定。
error-decision-unusable = 该裁定无法使用：{ $problem }。
error-period-unusable = 该时间段无法使用：{ $problem }。
error-version-taken = 评分表 { $name } 的第 { $version } 版已保存，且内容不同。请提高版本号。
error-plan-taken = 已有名为 { $name } 的抽样计划。计划不会改变，以便核对其抽取结果。
error-scorecard-retired = 评分表 { $name } 已停用，不再用于新的评审。请另选一份，或先将其恢复。
error-reviewer-unknown = 这里没有用户名为 { $name } 的人。请选择在本审计服务工作的人。
error-scorecard-unknown = 没有评分表 { $name }。`consentry review scorecards` 可列出全部。
error-plan-unknown = 没有抽样计划 { $name }。`consentry review sample list` 可列出全部。
error-run-unknown = 没有编号以 { $text } 开头的抽取。`consentry review sample list` 可列出全部。
error-not-reviewable = 会话 { $session } 无法评审：{ $problem }。
error-calibration-unusable = 校准需要两位既未服务过、也未评审过该会话的评审员：{ $problem }。
error-answer-line-error = 这不是答案。请写分数，可加时刻和备注：2 @3:10 先看了日志。
error-figure-not-there = 这份报表没有 { $group } 的指标 { $figure }。分组及其指标见 GET /v1/report。
error-figure-unknown = 没有指标 { $name }。可用的有：{ $names }。
error-two-reviewers-needed = 校准需要两位评审员：请给出两次 --with。
error-body-unusable = 无法使用该请求：{ $problem }。

## audit/siem/

error-outlet-unusable = 无法将事件发送到 { $target }：{ $problem }。
error-feed-stopped = 传送时出错（{ $problem }），位置见日志。
error-not-delivered = 事件未能送达 { $target }（{ $problem }）。它们已保留，会再次发送。
error-erased-already = 这份记录已经销毁，没有可以保全的内容了。
error-policy-not-open = 没有这样的策略，或者它已被答复或结束。
error-policy-in-force = { $retention } 类别的记录已由策略 { $policy } 在到期时自动销毁。
error-log-key-error = 日志或见证方的密钥无法使用：{ $problem }。请从组织档案复制：consentry admin status
error-siem-targets-unusable = { $path } 中的安全监控系统无法使用：{ $problem }。
error-cursor-broken = 无法读取游标 { $path }。请从副本恢复或将其删除：删除后会全部重新发送。

# audit/desk_client
error-service-needed = 请指明审计服务：consentry desk login https://…（可向管理员索取地址）。
error-certificate-file-unusable = 无法读取证书文件 { $path }：{ $problem }。
error-nobody-to-ask-here = 没有可供询问的终端。请给出 { $option }。
error-nothing-named = 请写出所申请的会话，或使用 --all-due。
error-file-in-the-way = { $path } 已存在，或无法写入（{ $problem }）。没有取回任何内容；请换一个文件名。
error-desk-session-unknown = 审计服务中没有会话 { $session }。请用 consentry desk sessions 查看。
error-desk-session-ambiguous = 有多个会话以 { $session } 开头。请给出更长的编号。
## SSH 网关：broker/ssh_gateway/、agent_client/、protocol/

error-agent-away = 客户的机器没有接受连接：它可能不在线，或等待的连接过多。请重试。
error-destination-refused = 此网关只通往您自己正在进行的会话，请使用控制台显示的名称和端口 22。
error-too-many-connections = 通过网关的连接过多。请关闭一个，再试。
error-ssh-gateway-off = 此中转服务器没有 SSH 网关。
error-no-key-named = 尚未为此会话指定 SSH 密钥。
error-gateway-not-granted = 客户没有允许您在此会话中使用自己的 SSH 程序。
error-gateway-not-allowed = 该单位不允许工程师通过其网关使用自己的 SSH 程序。
error-ssh-key-not-allowed = 客户没有允许您使用自己的 SSH 程序。请提出申请：权限名为“gateway”。
error-ssh-key-unreadable = 这不是可用的 SSH 公钥：{ $problem }。请粘贴 .pub 文件中的一行。
error-ssh-key-kind-refused = 此处只能使用 Ed25519 密钥。请生成一个：ssh-keygen -t ed25519

## broker/webhooks/

error-webhook-unknown = 没有这个 webhook。
error-delivery-unknown = 该 webhook 没有这条消息。
error-too-many-webhooks = 已有 { $limit } 个 webhook。请删除一个，再试。
error-webhook-address-unusable = 无法使用该 webhook 的地址：{ $problem }。
error-secret-unusable = 这不是 webhook 密钥：它以 whsec_ 开头，其后是 base64。
error-token-unclear = 有 { $count } 个 API 令牌的编号以 { $text } 开头。`{ $command } list` 可列出全部；请给出足以确定一个的部分。
error-webhook-unclear = 有 { $count } 个 Webhook 的编号以 { $text } 开头。`consentry webhooks list` 可列出全部；请给出足以确定一个的部分。
error-message-needed = { $text } 不是 Webhook 的消息。`consentry webhooks messages` 可列出全部；请给出完整编号。
