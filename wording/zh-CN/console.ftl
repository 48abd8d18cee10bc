### 工程师的浏览器控制台。

console-title = Consentry
console-tagline = 应邀而来的帮助。
console-promise-blind = 中转服务器只传送会话，读不到内容。
console-promise-consent = 客户看得到您是谁、为何请求，以及您做的一切。
console-promise-recorded = 一切都会录制，在客户端加密封存，并始终可以验证。
console-skip = 跳到正文
console-language = English
console-theme-auto = 主题：跟随系统
console-theme-light = 主题：浅色
console-theme-dark = 主题：深色
console-sign-out = 退出登录
console-signed-in-as = { $name } · 工号 { $staff_number }
console-loading = 正在载入……
console-retry = 重试

## Signing in

console-sign-in = 登录
console-sign-in-lead = 请使用您所在机构为您开立的账户。
console-user-name = 用户名
console-password = 密码
console-totp = 一次性数字
console-totp-help = 身份验证器应用上的六位数字。
console-signing-in = 正在登录……
console-or = 或
console-sign-in-passkey = 使用通行密钥登录
console-sign-in-provider = 使用 { $name } 登录
console-sign-in-leaving = 正在前往 { $name }……
console-signed-out-elsewhere = 您已退出：登录已过期，或在别处被结束。请重新登录。

## Your account

console-account = 账户
console-account-lead = { $name } · { $user_name }
console-passkeys = 通行密钥
console-passkeys-lead = 通行密钥用指纹、面容或 PIN 代替密码和一次性数字登录。它保存在您的设备里。
console-passkeys-empty = 还没有通行密钥。添加本设备，今后登录更快、更安全。
console-passkeys-off = 这里没有启用通行密钥。
console-passkeys-no-browser = 此浏览器不支持通行密钥。
console-passkey-add = 添加通行密钥
console-passkey-name = 新通行密钥的名称
console-passkey-name-help = 以便您今后认出它在哪台设备里。
console-passkey-adding = 请按浏览器的提示操作……
console-passkey-added = 添加于 { $time }
console-passkey-used = 上次使用 { $time }
console-passkey-never-used = 从未使用
console-passkey-synced = 在多台设备上
console-passkey-rename = 重命名
console-passkey-rename-label = { $name } 的新名称
console-passkey-save = 保存
console-passkey-remove = 删除
console-passkey-remove-title = 删除 { $name }？
console-passkey-remove-lead = 今后它不能再在这里登录。请同时从设备中删除它。
console-passkey-remove-confirm = 删除
console-passkey-keep = 保留

## Taking a code

console-take-code = 输入验证码
console-take-code-lead = 请客户把屏幕上的验证码读给您听。
console-code = 验证码
console-code-example = 482-9137-7551
console-code-right = 校验位正确。
console-code-spent = 验证码只能用一次：使用前请先写明需要什么。
console-reason = 为什么请求？
console-reason-example = 从今天早上起收不到收据
console-reason-help = 客户在答复之前会读到这句话。
console-ticket = 工单
console-optional = 可不填
console-minutes = 需要多长时间？
console-minutes-choice = { $minutes } 分钟
console-scopes = 需要哪些权限？
console-powerful = 客户要等三秒之后才能允许此项。
console-preview = 客户将读到的内容
console-preview-who = { $name }（{ $organisation }，工号 { $staff_number }）
console-preview-wants = 提出请求，原因是「{ $reason }」：
console-preview-minutes = 时长 { $minutes } 分钟。一切都会录制。
console-preview-browser = 您使用的是浏览器，客户会得知：其程序来自服务器，因此服务器有可能看到内容。
console-ask = 使用验证码并请求
console-reason-missing = 请写明原因：客户据此作决定。
console-scopes-missing = 请至少选择一项。
console-scope-view = 查看终端
console-scope-shell = 在终端中输入并执行命令
console-scope-files-r = 读取文件
console-scope-files-w = 更改文件
console-scope-forward = 打开网络连接
console-scope-root = 以系统管理员身份做上述一切
console-scope-gateway = 也用您自己的 SSH 程序做这些事

## Waiting

console-waiting = 正在等待客户
console-step-code = 正在与客户的电脑核对验证码
console-step-consent = 客户正在阅读您的请求并作决定
console-step-shell = 正在打开终端
console-consent-left = 客户还有 { $time }。不答复即为拒绝。
console-cancel = 撤回请求

## The session

console-live-with = { $host } 上的 { $user }
console-time-left = 还剩 { $time }
console-connected = 已连接
console-dialling = 正在重连
console-reconnecting = 连接中断。正在重新连接，不会丢失任何内容……
console-terminal = 客户电脑的终端
console-terminal-help = Alt+Shift+M 到留言，+N 到备注，+A 请求更多权限，+E 结束会话。
console-shell-ended = Shell 已结束（状态 { $status }）。
console-shell-cut = 终端已在客户一端关闭。
console-new-shell = 重新打开终端
console-attested-same = 已签名：客户端的录制与您看到的完全一致。
console-attested-different = 客户端的录制与您看到的不一致。请告知您的主管。
console-attested-none = 客户的电脑没有确认您看到的内容。
console-grant-narrowed = 客户更改了您的权限：{ $scopes }，至 { $time }。
console-grant-widened = 客户现在允许：{ $scopes }，至 { $time }。
console-grant-nothing = 客户收回了全部权限，或时间已到。
console-paused-customer = 客户已暂停一切。在客户继续之前，什么都不会运行。
console-paused-recorder = 一切暂停：录制暂时无法送达。
console-paused-question = 客户正在阅读请求。在客户答复之前，一切暂停。
console-time-soon = 剩余时间不到两分钟。如有需要，请请求更多时间。
console-more = 请求更多
console-more-title = 请求更多权限或时间
console-more-lead = 在客户答复之前，已允许的内容保持不变。
console-more-all = 您已拥有组织允许您请求的全部权限。
console-more-same-time = 时间保持不变
console-more-minutes = 自答复起 { $minutes } 分钟
console-more-nothing = 请选择您需要的：权限、时间，或两者。
console-more-ask = 请求客户
console-more-cancel = 不请求
console-more-waiting = 客户正在看您的请求。在客户答复之前，您运行的一切都会暂停。
console-side = 终端旁边
console-chat = 留言
console-chat-empty = 还没有人留言。客户和本会话的所有工程师都能看到，并会被录制。
console-chat-unknown = 客户的程序版本较旧，不支持留言。请通过电话沟通。
console-chat-new = 新留言
console-chat-send = 发送
console-chat-you = 您
console-chat-customer = 客户
console-chat-unread = { $count } 条新留言
console-end = 结束会话
console-end-title = 要结束会话吗？
console-end-lead = 您在客户电脑上启动的一切都会停止。要再进来，需要新的验证码。
console-end-confirm = 结束
console-end-cancel = 继续
console-over = 会话已结束
console-back = 返回工作台

## My sessions

console-sessions = 我的会话
console-sessions-empty = 还没有会话。客户把验证码读给您之后，会话从这里开始。
console-session = 会话
console-state-waiting = 等待中
console-state-paired = 请求中
console-state-live = 进行中
console-state-ended = 已结束
console-customer-here = 客户在线
console-customer-away = 客户离线
console-opened = 开始于
console-lasted = 时长
console-end-reason = 结束原因
console-records = 已封存的记录
console-rating = 客户评价
console-rating-stars = { $stars } 分（满分 5 分）
console-rating-none = 未评价
console-solved-yes = 已解决
console-solved-no = 未解决
console-participants = 工程师
console-notes = 备注
console-notes-empty = 还没有备注。参与此会话的同事能读到您写的内容。
console-note-new = 新备注
console-note-add = 添加备注
console-note-by = { $author }，{ $time }

## What ends a session

console-ended-engineer-ended = 工程师结束了会话。
console-ended-customer-ended = 客户结束了会话。
console-ended-denied = 客户拒绝了。
console-ended-expired = 获准的时间已到。
console-ended-idle = 太久没有任何活动。
console-ended-lost = 连接中断，未能恢复。
console-ended-abandoned = 客户的电脑已离开。
console-ended-recorder-failed = 录制无法保存，因此会话终止。
console-ended-broker-ended = 服务器结束了会话。

## What can go wrong

console-denied-customer = 客户拒绝了。
console-denied-timeout = 客户在两分钟内没有答复。
console-denied-certificate = 客户的电脑不接受您的证书。请检查时钟，重新登录，再请客户提供新的验证码。
console-denied-scope = 您所在的机构不允许您请求此项。
console-denied-policy = 客户的电脑不允许：时间太长、不允许使用浏览器，或在没有管理员权限处请求了它（或在需要之处没有请求）。
console-pairing-wrong-code = 验证码不对，已作废。请客户提供新的验证码。如果客户确信没有读错，可能有人从中作梗：请告知管理员。
console-pairing-expired = 验证码已过期。请客户提供新的验证码。
console-pairing-cancelled = 客户取消了验证码。请问客户是否仍需要帮助。
console-pairing-lost = 核对验证码时连接中断。请客户提供新的验证码。
console-pairing-broken = 对方不遵守协议，因此没有建立连接。请客户提供新的验证码。
console-error-code-shape = 验证码有 11 或 12 位数字；现在是 { $digits } 位。
console-error-code-slip = 有一位数字不对。验证码仍然有效：请客户再读一遍。
console-error-unreachable = 无法连接服务器。请检查网络。
console-error-agent-silent = 客户的电脑没有回应，可能已休眠或断网。
console-error-peer = 对方不遵守协议（{ $problem }）。没有建立连接。
console-error-profile = 不能接受该机构的配置：{ $problem }。请勿继续，并告知管理员。
console-error-root-changed = 该服务器所示的机构与之前不同。请勿继续，并告知管理员。
console-error-forged = 与客户之间的连接在途中遭到篡改，已关闭。
console-error-too-long = 内容太长，无法发送。请缩短。
console-error-browser-not-allowed = 您所在的机构不允许使用浏览器。请使用 `consentry connect`。
console-error-too-many-minutes = 最多可请求 { $limit } 分钟。
console-error-host-key = 对方的电脑不是证明了验证码的那一台。没有向它发送您的任何信息。请告知管理员。
console-error-ssh = 无法打开终端。如果会话仍在进行，请重试。
console-not-said-not-in = 您现在不在会话中，没有人看到这条留言。
console-not-said-too-fast = 发送太快。请稍等片刻再发送。
console-not-said-full = 此会话中的留言太多，不再接收。
console-not-said-unusable = 这条留言无法发送。请重新书写。
console-error-line = 留言为 1 到 { $limit } 个字符。
console-error-line-uncertain = 客户的电脑尚未确认该留言，它仍可能送达。
console-error-passkey-cancelled = 没有使用通行密钥：操作被取消，或耗时太长。请重试，或用其他方式登录。
console-error-passkey-known-here = 本设备已有您的通行密钥。
console-error-unexpected = 本页面出了问题。请重新载入；如果再次出现，请告知管理员。
console-refused = 服务器拒绝了：{ $sentence }
console-refused-login-refused = 用户名、密码或一次性数字不正确。
console-refused-one-time-number-needed = 还需要身份验证器应用上的六位数字。
console-refused-login-locked = 尝试次数太多。请稍候再试。
console-refused-way-off = 这里不能用这种方式登录。请选择其他方式。
console-refused-fresh-sign-in-needed = 请确认是您本人：为此您须在几分钟内登录过。
console-refused-ceremony-over = 耗时太长，或已被使用过。请重新开始。
console-refused-account-locked = 您的账户已被锁定。请联系您的管理员。
console-refused-passkey-refused = 该通行密钥未被接受。请用其他方式登录，或告知您的管理员。
console-refused-passkey-copied = 该通行密钥似乎被复制过，未被接受。请将其删除，并告知您的管理员。
console-refused-passkey-unusable = 此设备的通行密钥无法在这里使用。请换一台设备或一个浏览器。
console-refused-passkey-known = 该通行密钥已在使用。
console-refused-too-many-passkeys = 通行密钥的数量已达上限。请先删除一个不再使用的。
console-refused-passkey-unknown = 您没有这个通行密钥，可能已在别处删除。
console-refused-provider-unreachable = 无法连接贵机构的登录服务。请重试，或告知您的管理员。
console-refused-provider-broken = 贵机构的登录服务给出了无法使用的答复。请告知您的管理员。
console-refused-code-refused = 贵机构的登录服务没有接受返回的请求。请重新开始。
console-refused-id-token-refused = 贵机构的登录服务给出了不可信的答复。请告知您的管理员。
console-refused-signing-key-unknown = 贵机构的登录服务使用了没有公布的密钥。请重试，或告知您的管理员。
console-refused-claim-missing = 贵机构的登录服务没有给出您的用户名、姓名和工号。请告知您的管理员。
console-refused-sign-in-not-ours = 这不是对此处发起的登录的答复。请重新开始。
console-refused-provider-said-no = 贵机构的登录服务拒绝了。请重试，或告知您的管理员。
console-refused-sign-in-stronger = 贵机构的登录强度不够。请在那里使用第二重验证登录。
console-refused-no-role-here = 您已登录，但您所在的组都不能在此工作。请联系您的管理员。
console-refused-not-added-here = 您已登录，但没有人在此添加您。请联系您的管理员。
console-refused-person-clashes = 这里已有人使用您的用户名或工号。请管理员将两者关联。
console-refused-not-logged-in = 登录已过期。请重新登录。
console-refused-code-unknown = 没有这个验证码，或它已被使用。请客户再读一遍。
console-refused-customer-away = 客户的电脑此刻不在线。验证码仍然有效：请重试。
console-refused-engineer-locked = 失败的验证码太多，您的配对已被锁定一段时间；请告知您的主管。

## 工程师自己的 SSH 程序

console-own-ssh = 您自己的 SSH 程序
console-own-ssh-lead = 会话进行期间，ssh、scp、sftp 和 rsync 也能到达此会话。从您的程序到客户的机器，全程加密。
console-own-ssh-key = 您的 SSH 公钥
console-own-ssh-key-help = ~/.ssh/id_ed25519.pub 中的一行。还没有？请运行：ssh-keygen -t ed25519
console-own-ssh-admit = 允许此密钥进入
console-own-ssh-again = 改用此密钥
console-own-ssh-ready = 此密钥可以进入。将两段内容各粘贴一次，然后使用下面的命令。
console-own-ssh-known-hosts = 粘贴到 ~/.ssh/known_hosts
console-own-ssh-config = 粘贴到 ~/.ssh/config
console-own-ssh-commands = 然后
console-own-ssh-open = 您在那里所做的一切同样会被录制，客户随时可以收回许可。
console-copy = 复制
console-copied = 已复制
console-error-ssh-key = 这不是 Ed25519 公钥。请粘贴 .pub 文件中以 ssh-ed25519 开头的一行。
