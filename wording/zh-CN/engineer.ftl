### 工程师的客户端。

engineer-ask =
    .user = 用户名
    .password = 密码
    .totp = 身份验证器上的六位数字
    .reason = 为什么要连接？（客户会看到）

engineer-logged-in = 已登录：{ $name }，工号 { $staff_number }，{ $organisation }，有效至 { $until }。

engineer-open-browser = 请在浏览器中打开以下链接并登录；只有在其显示代码 { $code } 时才允许：
    { $link }
    正在等待 …

engineer-logins =
    .row = { $login }  { $device }  { $address }  自 { $since }，最近使用 { $used }  { $here }
    .here = （本机）
    .ended = 登录 { $login }（{ $device }）已结束。

engineer-logins-ended = { $count ->
    [0] 您没有在其他地方登录。
   *[other] 已结束其他 { $count } 个登录。
}

engineer-logged-out = 已从 { $origin } 退出登录。

engineer-ask-again = 会话仍在继续，配对依然有效。要再次询问客户吗（无需新的连接码）？

engineer-step =
    .checking-code = 正在与客户的电脑核对连接码 …
    .waiting-for-consent = 正在等待客户答复 …

engineer-granted = 客户允许您以 { $user } 的身份进入 { $host }：{ $scopes }，至 { $until }。全程记录。

engineer-folders = 文件范围：{ $folders }

engineer-alias =
    在其他窗口可用：ssh { $options }{ $alias }{ $files ->
        [yes] 、sftp { $options }{ $alias }、scp { $options }文件 { $alias }:
       *[no] {""}
    }

engineer-login-ends = 您的登录将于 { $at } 到期，早于本次会话结束。会话会继续；请在另一个终端重新登录（consentry login），否则您将收不到悄悄话，也无法向服务器查询。
engineer-still-open = 会话持续到 { $until }。继续请用 ssh { $options }{ $alias }；结束请用 consentry end { $alias }

engineer-over = 会话已结束：{ $reason }。

engineer-attested =
    .same = 记录与您看到的输出完全一致，您已为此签名。
    .different = 警告：客户电脑记录的输出与您在此看到的不同。此事也已写入记录，请告知主管。
    .unanswered = 客户的电脑没有确认其记录与您看到的一致。
    .not-seen = 部分输出未能在此显示，因此您没有为其签名。

engineer-more = 客户允许：{ $scopes }，至 { $until }。
engineer-took-over = 您已接替：{ $scopes }，至 { $until }。您的同事已离开。
engineer-taken-over = 经客户同意，{ $name }（工号 { $staff_number }）已接替您。您已离开，您在那里的程序均已停止。

engineer-sessions =
    .none = 没有打开的会话。开始请用：consentry connect 连接码
    .row = { $name }  { $state }  { $opened }  { $host }  [{ $scopes }]  { $reason }

engineer-state =
    .waiting = 等待中
    .paired = 已配对
    .live = 进行中
    .ended = 已结束

engineer-chat =
    .help = 回车将留言发给会话中的所有人，Ctrl-D 离开。全部内容都会被录制。
    .told = 会话中的所有人都已收到您的留言。
    .where = 留言：consentry chat { $alias }。客户留言时会响铃提示。
    .meanwhile = 其间的留言：
    .prompt = 您：
    .you = 您
    .customer = 客户
    .row = { $clock }  { $name }：{ $text }
    .more = { "       " }{ $text }
    .paused-customer = 客户已暂停一切。
    .paused-recorder = 一切暂停：录像暂时无法送达。
    .paused-question = 客户正在阅读请求，一切暂停。
    .resumed = 已继续。
    .allowed = 现在允许：{ $scopes }，至 { $until }。
    .nothing = 不再允许任何操作。

engineer-note =
    .kept = 备注已保存。
    .none = 此会话没有备注。
    .row = { $when }  { $author }（{ $number }）
    .line = { "    " }{ $line }

engineer-whisper =
    .row = { $clock }  { $name } 悄悄说：{ $text }
    .join = { $clock }  { $name } 请求加入。要获取读给对方的连接码：consentry invite
    .told = 此会话的工作人员已收到您的悄悄话，客户看不到。
    .none = 没有关于此会话的悄悄话。
    .meanwhile = 期间的悄悄话（客户看不到）：

engineer-everybody =
    .none = 现在没有任何人的会话在进行。
    .row = { $number }  { $state }  { $opened }  { $who }  [{ $scopes }]

engineer-invited = 请读给您的同事：口头告知，切勿通过服务器传递。{ $until } 之前，输入连接码的人会征求客户同意，客户会看到其姓名。
engineer-stopped = 已要求结束 { $session }。客户和工程师会看到是谁以及原因。
engineer-stopped-by = { $name } 写道：{ $why }
engineer-queue =
    .taken = 请求 { $number } 由您接手。客户的屏幕上会显示该找谁；请取用他们读给您的连接码。
    .given-back = 请求 { $number } 已放回。
    .ended = 请求 { $number } 已离开队列。
    .none = 没有人在等待帮助。
    .row = { $number }  { $customer }  [{ $tier }]  已等待 { $waited }  { $clock }  { $where }
    .mine = 您接手的
    .of = { $name } 已接手
    .left = 剩余 { $time }
    .late = 超过承诺 { $time }
    .here = 正在共享，连接码已就绪
    .away = 连接中断
    .called = 来电
    .contact = { "    " }联系方式：{ $contact }

engineer-ended = { $alias } 已结束。
engineer-receipts =
    .none = 您还没有回执：每个允许您进入的会话都会留下一份。
    .row = { $opened }  { $host }  { $verdict }  { $path }
engineer-receipt-verdict =
    .proved = 已证明
    .not-closed = 结束未证明
    .unlogged = 未证明
    .false = 不成立

engineer-end-reason =
    .engineer-ended = 由工程师结束
    .customer-ended = 由客户结束
    .denied = 客户没有同意
    .expired = 时间已到
    .idle = 长时间没有操作
    .lost = 连接中断
    .abandoned = 客户端程序停止了
    .recorder-failed = 无法继续记录
    .broker-ended = 由服务端结束
    .supervisor-ended = 由主管结束

engineer-tokens =
    .none = 没有 API 令牌。
    .row = { $number }  { $name }（{ $may }）  有效至 { $until }，最近使用：{ $used }
    .never = 从未
    .made = 有效至 { $until }。仅此一次显示：请保存在只有该程序能读取的地方。
    .revoked = 已撤销：{ $name }

engineer-webhooks =
    .none = 还没有系统会被告知。添加：consentry webhooks add URL
    .told = 正在告知
    .paused = 已暂停
    .gone = 已不存在
    .delivered = 已送达
    .pending = 等待中
    .failed = 未被接受
    .added = 已添加，编号 { $number }。密钥仅此一次显示：接收系统凭此核对消息确实来自我们。
    .removed = 已移除：{ $url }
    .paused-now = 已暂停：{ $url }
    .resumed = 重新告知：{ $url }
    .secret = { $until } 之前旧密钥同时签名。新密钥仅此一次显示。
    .no-messages = 最近三十天没有告知任何内容。
    .replayed = 将再次发送。
