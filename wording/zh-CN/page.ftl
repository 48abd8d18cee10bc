### 客户的本地页面。与终端相同的说法在 agent.ftl 中。

page-skip = 跳到正文
page-language = English
page-theme-auto = 主题：跟随系统
page-theme-light = 主题：浅色
page-theme-dark = 主题：深色
page-title-asked = { $name } 请求进入 · Consentry
page-connecting = 请稍候 …
page-over = 这里的 Consentry 已结束。您可以关闭本页面。
page-away = 与本机 Consentry 的连接已断开。没有人看着时，工程师运行的一切都静止不动。正在重试 …
page-not-yours = 本页面属于本机上启动的 Consentry，且只能打开一次：它可能已在另一个标签页中打开，或者已经结束。在运行它的终端中按回车可再次打开。
page-refused = 有人或某个程序试图再次打开本页面，已被拒绝。如果那是您自己：页面只在这里打开。
page-recording-over = 已停止录制
page-noted = 知道了
page-stop = 立即停止
page-stop-sharing = 停止共享

## 尚无人进入

page-one-moment = 请稍候
page-somebody-asks = 有人请求进入
page-code-gone = 现在没有连接码
page-new-code = 生成新的连接码
page-nobody-can-come = 没有连接码，谁也进不来。

## 请求

page-what-they-may = 允许做什么
page-powerful = 有了它，本机上几乎一切都可以被改动
page-fewer-minutes = 减少分钟
page-more-minutes = 增加分钟
page-no = 不允许
page-allow = 允许
page-allow-in = 允许（{ $seconds }）
page-nothing-chosen = 没有打开任何一项，因此没有可允许的内容。
page-answer-within = { $time } 内不回答即为不允许。

## 有人在内时

page-terminal = 共享终端
page-no-terminal-yet = 工程师还没有打开终端。
page-type-here = 我也在这里输入
page-typing = 您输入的内容会进入共享终端。按 Ctrl-] 结束输入。
page-pause = 暂停
page-go-on = 继续
page-time-left = 还剩 { $time }
page-may-do = { $name } 可以做什么
page-take-away-lead = 您关掉的权限立即失效。{ $name } 需要重新请求。
page-send-out-lead = 什么都不留，{ $name } 会立即退出。
page-take-away = 收回
page-send-out = 请其退出
page-leave-it = 保持不变
page-invite-title = 再请一位工程师
page-invite = 再请一位工程师
page-cancel-code = 取消此连接码
page-chat-title = 留言
page-chat-lead = 会话中的每个人都会看到，并会被录制。
page-chat-send = 发送
page-happenings = 发生了什么
page-nothing-yet = 没有动过文件，终端之外也没有运行过命令。

## 结束

page-keep-receipt = 保存回执
page-stars-1 = 很差
page-stars-2 = 差
page-stars-3 = 一般
page-stars-4 = 好
page-stars-5 = 很好
page-solved = 问题解决了吗？
page-solved-yes = 解决了
page-solved-no = 没有
page-solved-cannot-say = 说不准
page-comment = 如愿意，请留言
page-send-rating = 发送
page-skip-rating = 不评价
page-thank-you = 谢谢。
page-not-rated = 没有发送评价。
