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

administration-organisation = 密钥与配置
administration-keys = 密钥
administration-keys-lead = 两个人在信任彼此之前逐字核对的内容。密钥本身从不离开代理服务器所在的机器。
administration-key-root = 机构根密钥
administration-key-means-root = 签署配置。客户与工程师凭它认得机构；它包含在发给他们的地址中。
administration-key-engineer-ca = 工程师 CA
administration-key-means-engineer-ca = 签署证书；客户的机器在询问是否允许某位工程师之前会核对它。
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
administration-rotate-with = 在审计机器上轮换：
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
