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
administration-tokens-others = 其他人的（{ $count }）
administration-tokens-find = 按名称或人员查找
administration-tokens-empty = 其他人没有 API 令牌。
administration-tokens-none-match = 没有符合的。请更改查找内容。
