### 控制台中代理服务器管理员的页面，console.ftl 之外的部分。

## Webhook

administration-webhooks-lead = 会被告知会话与评分的系统：消息带签名，不含客户的姓名或言语。
administration-webhooks-empty = 还没有系统会被告知。请在上方添加一个系统的地址。
administration-webhook-new = 添加 Webhook
administration-webhook-url = 地址
administration-webhook-url-help = 以 https:// 开头，且不得指向内网，除非代理服务器的设置允许私有网络。
administration-webhook-events = 何时告知
administration-webhook-add = 添加
administration-webhook-made = 此 Webhook 的密钥
administration-webhook-made-lead = 请交给接收系统：它凭此核对消息确实来自我们（Standard Webhooks）。仅此一次显示。
administration-webhook-told = 正在告知
administration-webhook-paused = 已暂停
administration-webhook-gone = 对方表示已不存在
administration-webhook-since = 自 { $time }
administration-webhook-test = 发送测试
administration-webhook-asking = 正在等待其回应…
administration-webhook-tested = 对方接受了测试：{ $answer }
administration-webhook-test-failed = 对方未接受测试：{ $answer }
administration-webhook-pause = 暂停…
administration-webhook-enable = 继续
administration-webhook-new-secret = 新密钥…
administration-webhook-remove = 移除…
administration-webhook-pause-title = 暂停此 Webhook？
administration-webhook-pause-lead = 在您让其继续之前，不会告知任何内容。其间发生的事会为其保留。
administration-webhook-pause-do = 暂停
administration-webhook-secret-title = 生成新密钥？
administration-webhook-secret-lead = 一天之内消息同时以两个密钥签名，以便对方更换；之后只用新密钥。
administration-webhook-secret-do = 生成
administration-webhook-remove-title = 移除此 Webhook？
administration-webhook-remove-lead = 不再告知，此处关于已告知内容的记录也会清除。此操作无法撤销。
administration-webhook-remove-do = 移除
administration-event-session-live = 会话开始
administration-event-session-ended = 会话结束
administration-event-rating-kept = 客户作出评分
administration-event-webhook-test = 测试
administration-deliveries = 最近的消息
administration-deliveries-empty = 最近三十天没有告知任何内容。
administration-delivery-delivered = 已送达
administration-delivery-pending = 等待中
administration-delivery-failed = 已放弃
administration-delivery-replay = 重新发送
administration-delivery-tries = 已尝试 { $count } 次
administration-delivery-next = 下次尝试 { $time }
administration-delivery-body = 消息内容

## API 令牌

administration-tokens-own = 您自己的

## 机构

administration-keys-lead = 两个人在信任彼此之前逐字核对的内容。密钥本身从不离开代理服务器所在的机器。
administration-key-root = 机构根密钥
administration-key-means-root = 签署配置。客户与工程师凭它认得机构；它包含在发给他们的地址中。
administration-key-engineer-ca = 工程师 CA
administration-key-means-engineer-ca = 签署证书；客户的机器在询问是否允许某位工程师之前会核对它。
administration-key-engineer-ca-former = 以前的工程师 CA
administration-key-means-engineer-ca-former = 已被更换。在下列时间之前开始的会话，其录像与回执仍由它证明。
administration-key-tls = TLS 证书
administration-key-means-tls = 代理服务器自己的证书，SHA-256，与浏览器显示的一致。
administration-key-log = 透明日志
administration-key-means-log = 签署日志关于自身的陈述。
administration-key-ssh-gateway = SSH 网关
administration-key-means-ssh-gateway = ssh 首次连接时显示的主机密钥。
administration-recipients-lead = 记录密封给此密钥。持有其另一半的人可以打开记录，代理服务器则不能。
administration-recipients-several = { $count } 个密钥
administration-recipients-several-lead = 其中每一个都能打开每份新记录：正在轮换，或有一个用于托管。审计服务会说明是哪一种。
administration-recipient-in-force = 生效中
administration-recipient-before = 尚未生效
administration-recipient-over = 已过期
administration-profile-lead = 客户与工程师的程序最先读取的内容，由根密钥签署。
administration-share-url = 给客户与工程师的地址
administration-output-bounded = 在限度内立即显示
administration-output-strict = 持久保存后才显示
administration-gateway-allowed = 允许 SSH 网关
administration-gateway-open = 此处已开启 SSH 网关
administration-witnesses = 见证者
administration-witness-required = 须有其中之一作证
administration-witness-optional = 无须作证
administration-notices = 代码画面上的警示
administration-notices-empty = 机构没有添加自己的警示。
administration-change-with = 在代理服务器的机器上更改：
administration-audit-services = 审计服务
administration-audit-services-lead = 它们可以取走密封的记录与会话的事实。
administration-audit-services-empty = 没有登记：记录保存在此处，无人阅读。
administration-profile-version = 第 { $version } 版

## Keys

administration-broker-keys = 服务器的密钥
administration-audit-keys = 审计密钥：录像以其密封
administration-key-since = 起始
administration-key-age = { $days ->
    [0] { $date }，今天
   *[other] { $date }，{ $days } 天前
}
administration-key-older = 早于 { $date }（首次记下的日期）
administration-key-unknown = 没有记下
administration-key-until = 到期
administration-key-left = { $date }，还有 { $days } 天
administration-key-no-end = 没有期限
administration-key-counts = 有效范围
administration-key-counts-before = { $time } 之前开始的会话
administration-recipient-soon = 即将到期
administration-recipient-overlap = 已更换，仍然有效
administration-recipient-former = 已更换
administration-audit-key-do = 由负责审计服务的人更换，中间没有空档：其间录像同时以两把密钥密封。在审计服务器上运行以下命令开始：
administration-key-do-root = 不能更换：所有已发出的地址都由它而来。由管理服务器的人持有；请离线保存，并在别处另存一份。
administration-key-do-engineer-ca = 持有者可以冒称不存在的工程师，但仍需要登录、客户的连接码和同意。在服务器上更换：consentry admin profile update --engineer-ca new（有过渡期）；若被盗则用 compromised（立即生效）
administration-key-do-engineer-ca-former = 无需处理：它的私钥已不在服务器上。若曾被盗，请查看它有效期间开始的会话。
administration-key-do-overlap = 无需处理：它签发的证书届时都已到期。若后来发现被盗，在服务器上运行以下命令立即终止：consentry admin profile update --engineer-ca compromised
administration-key-do-tls = 在没有会话进行时，于服务器上更换：consentry admin profile update --certificate new
administration-key-do-log = 仅在丢失或被盗时更换，因为会惊动审计人员：consentry admin profile update --replace-lost-log
administration-key-do-ssh-gateway = 删除 ssh_gateway.key 并重启服务器即可更换。工程师随后需要新的 known_hosts 行。

## State

administration-node = 服务器
administration-program = 程序版本
administration-started = 运行自
administration-certificate = TLS 证书
administration-certificate-none = 由服务器之前的设备提供
administration-certificate-late = 证书即将到期
administration-certificate-late-do = 证书本应已经更新。到期后，任何人都无法连接服务器。
