### 客户看到的界面。

## 尚无人进入

agent-not-recording = 尚未开始录制
agent-connecting = 正在连接 …
agent-waiting = 正在等待工程师 …
agent-opening = 您已允许。正在开启录制；开启之前，对方什么都做不了 …
agent-engineer-asking = 连接码正确。工程师正在说明请求 …
agent-broker-away-short = 断开 { $time }
agent-broker-away = 连接已断开 { $time }，正在重试
agent-code-title = 您的连接码
agent-code-valid = 有效期还剩 { $time }
agent-help-waiting = 您已请求帮助：“{ $words }”。请求已在队列中，请保持此窗口打开，直到有人接手。
agent-help-taken = { $name }（工号 { $staff_number }）已接手您的请求。请拨打您信任的号码致电 { $organisation }，并找此人。
agent-code-warning =
    请只把它读给“您主动拨打可信号码找到的人”。
    如果是别人打电话来向您索要，请立即挂断。
agent-code-ended-paired = 连接码已使用。
agent-code-ended-wrong-code = 有人输入了错误的连接码。此码已作废：请生成新的连接码，并慢慢读出。
agent-code-ended-expired = 连接码已过期。
agent-code-ended-cancelled = 连接码已取消。
agent-code-ended-lost = 核对连接码时与工程师的连接中断。请生成新的连接码。
agent-code-ended-broken = 连接码的核对过程异常，可能有人在干扰。请生成新的连接码；如果再次发生，请停止。
agent-code-renewed-wrong-code = 有人输入了错误的连接码，原来的已作废。这是新的连接码，请慢慢读出。
agent-code-renewed-expired = 原来的连接码已过期。这是新的连接码。
agent-code-renewed-lost = 核对原来的连接码时与工程师的连接中断。这是新的连接码。
agent-code-renewed-broken = 原来的连接码核对过程异常，可能有人在干扰。这是新的连接码；如果再次发生，请停止。

## 与本地页面同时

agent-page-opening = 正在打开您的浏览器，一切都在其中查看和决定。如果没有打开，请自己打开这个地址：{ $address }
agent-page-open = 请在浏览器中继续。在这里按 Ctrl-C 立即结束；如果关掉了页面，按回车可再次打开。
agent-page-not-opened = 没有浏览器打开该页面，因此在这里继续。
agent-page-is-open = 页面已在您的浏览器中打开。
agent-page-link-used = 页面的地址被使用了两次：本机上可能有别人抢先打开。没有共享任何内容。请重新开始，并使用 --no-page。

## 请求

agent-request-who = （{ $organisation }，工号 { $staff_number }，身份由 { $organisation } 确认）
agent-request-wants = 因为“{ $reason }”，请求：
agent-request-raise = 因为“{ $reason }”，追加请求：
agent-request-takes-over = 因为“{ $reason }”，请求在剩余的 { $time } 内接替 { $leaver }（工号 { $staff_number }），权限如下：
agent-request-leaver = { $leaver } 将离开：其在此运行的一切都会结束。
agent-request-folders = 文件：仅限 { $folders }
agent-request-minutes = 时长 { $minutes } 分钟
agent-request-more-minutes = 已允许的全部内容：自现在起 { $minutes } 分钟
agent-request-same-time = 时间保持不变
agent-request-recorded = 全程录制；您会得到一份回执。
agent-request-browser = 工程师使用网页，该网页来自 { $organisation } 的服务器：该服务器有可能看到内容。只有信任它时才应允许。
agent-request-allow = 是否允许？
agent-request-change-help = ↑↓ 选择   空格 勾选或取消   − + 调整分钟
agent-scope-view = 查看您的终端
agent-scope-shell = 在终端中输入并运行命令
agent-scope-files-read = 读取文件
agent-scope-files-write = 修改文件
agent-scope-forward = 从本机建立网络连接
agent-scope-root = 以管理员（root）身份操作
agent-scope-gateway = 也用自己的 SSH 程序做这些事

## 按键

agent-key-cancel = 取消
agent-key-no = 不允许
agent-key-allow = 允许
agent-key-change = 更改
agent-key-done = 完成
agent-key-new-code = 新连接码
agent-key-no-code = 作废连接码
agent-key-pause = 暂停
agent-key-resume = 继续
agent-key-message = 留言
agent-key-end = 结束

## 共享终端

agent-live-nobody = 当前无人进入
agent-live-recorded = 已录制 { $recorded }，已存妥 { $acked }
agent-live-recorded-short = 存妥 { $of }
agent-live-skipped = 有 { $size } 未显示
agent-live-paused = 已暂停，没有程序运行。
agent-live-paused-short = 已暂停
agent-live-paused-recorder = 已暂停：录制内容无法送达。没有任何程序在运行。
agent-live-joined = { $name } 已进入。
agent-live-invited = { $name } 邀请一位同事：持有连接码的人会先征求您的同意。
agent-live-left = { $name } 已离开。
agent-live-taken-over = { $name } 已接替 { $leaver }，后者已离开。
agent-live-changed = 当前允许：{ $scopes }
agent-live-nothing = 无
agent-live-connection = { $name } 从本机连接到 { $destination }
agent-live-command = { $name } 运行：{ $command }
agent-live-file = { $name }：{ $action } { $path }（{ $size }）
agent-live-said = { $name }：{ $text }
agent-live-unread = { $count } 条新留言：Ctrl-] m
agent-live-unread-short = { $count } 条新留言
agent-live-help = 先按 Ctrl-]，再按下面的按键之一。连按两次 Ctrl-] 会把它发送到终端。
agent-short-view = 查看
agent-short-shell = 输入
agent-short-files-read = 读文件
agent-short-files-write = 写文件
agent-short-forward = 网络连接
agent-short-root = 管理员
agent-short-gateway = 自带 SSH
agent-change-title = 允许他们继续做什么？
agent-change-help = ↑↓ 选择   空格 收回或恢复   回车 应用   Esc 保持不变
agent-file-read = 读取
agent-file-write = 写入
agent-file-list = 列出
agent-file-remove = 删除
agent-file-rename = 改名
agent-file-make-folder = 新建文件夹
agent-file-remove-folder = 删除文件夹
agent-file-set-attributes = 修改属性
agent-file-link = 建立链接

## 留言

agent-chat-title = 留言。会话中的所有人都能读到，并会被录制。
agent-chat-empty = 还没有人留言。
agent-chat-you = 您
agent-chat-help = 回车发送   Esc 返回终端
agent-chat-refused-not-in = 现在没有人在会话中，无法送达。
agent-chat-refused-too-fast = 发送太快。请稍等片刻再发送。
agent-chat-refused-full = 此会话中的留言太多，不再接收。
agent-chat-refused-unusable = 这条留言无法发送。请重新书写。

## 结束

agent-end-engineer-ended = 工程师结束了会话。
agent-end-customer-ended = 您结束了会话。
agent-end-denied = 您没有允许。没有共享任何内容。
agent-end-expired = 您允许的时间已到。
agent-end-idle = 长时间没有操作，会话已结束。
agent-end-lost = 连接没有恢复，会话已结束。
agent-end-abandoned = 本程序已停止，会话已结束。
agent-end-recorder-failed = 无法继续录制，会话已结束。
agent-end-broker-ended = 支持单位结束了会话。
agent-end-supervisor-ended = 支持单位的主管结束了会话。
agent-stopped = 支持单位的主管 { $name }（工号 { $staff_number }）结束了会话：{ $why }
agent-summary = 参与者：{ $engineers }；时长 { $time }。终端之外的命令：{ $commands }。文件操作：{ $files }。
agent-summary-more = … 另有 { $count } 项
agent-summary-delivered = 会话中的程序均已停止。录制已完整送达支持单位（{ $records } 条记录）。
agent-summary-undelivered = 会话中的程序均已停止。部分录制（{ $records } 条记录）尚未送达，将在您下次共享时送出。
agent-receipt =
    您的回执：{ $path }
    任何人都可在任何机器上核对它证明了什么：consentry verify { $path }
    72 小时内可更改评价：consentry rate { $path } 5
agent-rate-title = 这次服务如何？
agent-rate-stars = 1（差）到 5（很好），回车表示不评价
agent-rate-solved = 问题解决了吗？  y  解决了   n  没有   回车  说不准
agent-rate-comment = 如愿意，请留言；回车发送，Esc 不留言
agent-request-unseen = 下方还有：按 ↓ 或 PgDn。读到末尾才能允许。
agent-request-seen = ↑↓ PgUp PgDn：再看一遍。
agent-too-small = 请放大窗口：至少 { $columns } × { $rows }。
agent-rated = 您给出 { $stars } 分（满分 5 分）。谢谢。
agent-rating-changed = 已保存：{ $stars } 分（满分 5 分）。谢谢。
