### 审计服务的浏览器审阅台：审阅员与主管。

desk-page-title = 审阅台
desk-page-tagline = 做过什么，就看到什么。
desk-page-promise-noted = 您查看的内容及用途都会被记录，他人可以查阅。
desk-page-promise-verified = 每份录像在展示前都会从原始字节重新验证。
desk-page-promise-key = 录像只在这里解封。中转服务器没有密钥。
desk-page-signed-in-as = { $name } · { $role }
desk-page-role-reviewer = 审阅员
desk-page-role-external-reviewer = 外部审阅员
desk-page-role-supervisor = 主管
desk-page-role-administrator = 管理员
desk-page-places = 页面
desk-page-place-sessions = 会话
desk-page-place-search = 搜索
desk-page-place-views = 谁看过什么
desk-page-place-administration = 管理
desk-page-more = 显示更多
desk-page-time = 时间
desk-page-error-lines = 回复提前中断。请重试。

## 待审阅

desk-page-reviews = 审阅
desk-page-reviews-mine = 我的（{ $count }）
desk-page-reviews-others = 其他全部
desk-page-reviews-mine-empty = 没有待审阅的会话。打开任意会话即可自行开始审阅。
desk-page-reviews-others-empty = 还没有其他审阅。
desk-page-due = { $day } 到期
desk-page-score = 得分 { $score }
desk-page-calibration = 校准
desk-page-session-of-nobody = 未署名
desk-page-status-assigned = 待审阅
desk-page-status-draft = 草稿
desk-page-status-submitted = 已提交
desk-page-status-disputed = 有异议
desk-page-status-kept = 维持
desk-page-status-amended = 已更正
desk-page-status-struck = 已作废
desk-page-reason-random = 随机抽取
desk-page-reason-low-rating = 评分低
desk-page-reason-mark = 有标记
desk-page-reason-mystery = 暗访
desk-page-reason-request = 应要求

## 会话

desk-page-sessions = 会话
desk-page-sessions-shown = 已加载 { $loaded } 个，显示 { $shown } 个
desk-page-sessions-empty = 还没有会话。会话一有录像就会出现在这里。
desk-page-sessions-none-match = 已加载的会话都不符合。请去掉筛选条件，或显示更多。
desk-page-filters = 筛选
desk-page-filter-text = 工程师、客户、原因、工单
desk-page-filter-recording = 任何录像
desk-page-filter-whole = 完整
desk-page-filter-not-whole = 不完整
desk-page-filter-rating = 任何评分
desk-page-filter-low = 2 星及以下
desk-page-filter-mark = 任何标记
desk-page-filter-review = 任何审阅
desk-page-filter-review-none = 无审阅
desk-page-filter-review-open = 审阅未完成
desk-page-filter-review-done = 已审阅
desk-page-recording-complete = 完整
desk-page-recording-partial = 缺少结尾
desk-page-recording-arriving = 进行中
desk-page-recording-lost = 丢失
desk-page-recording-none = 无录像
desk-page-recording-erased = 已删除
desk-page-recording-broken = 已损坏
desk-page-recording-hostile = 有害
desk-page-recording-sealed = 由他人密钥封存
desk-page-recording-unread = 尚未读取
desk-page-why-broken = 录像与封存时不一致：有记录缺失或被改动。
desk-page-why-hostile = 无法安全地读取该录像。密封的记录仍然保留。
desk-page-why-sealed = 该录像是密封给另一把密钥的，此处没有。
desk-page-why-unread = 目前还未能读取该录像。
desk-page-stars = { $stars } 星（共 5 星）
desk-page-not-rated = 未评分
desk-page-solved = 已解决
desk-page-not-solved = 未解决
desk-page-held = 法律保全
desk-page-keeping = 保留、保全与导出
desk-page-records = { $count } 条封存记录
desk-page-lost = 该会话已被录制，但这里没有任何录像内容：记录从未送达，或其起始文件已丢失。
desk-page-nothing-recorded = 没有录像：客户没有允许任何操作，或录像尚未送达。
desk-page-erased = 此录像已删除，其中任何内容都无法再打开。

## 用途

desk-page-purpose = 用途：您为什么需要它？
desk-page-being-made = 正在准备显示该录像，完成后会自动打开。
desk-page-purpose-title = 打开此录像
desk-page-purpose-lead = 录像显示的是他人的电脑。您写的内容会连同姓名记录下来，他人可以查阅。
desk-page-purpose-example = 十一月质量审阅
desk-page-purpose-open = 打开录像

## 验证

desk-page-verifying = 正在验证 …
desk-page-verify-again = 重新验证
desk-page-verdict-intact = ✓ 已证明完整
desk-page-verdict-erased = 已删除，链条完整
desk-page-verdict-arriving = 仍在接收
desk-page-verdict-partial = 缺少结尾
desk-page-verdict-broken = ✕ 未能证明
desk-page-verdict-explained-intact = 客户电脑记录的全部内容都在这里，顺序与签名一致。以下检查刚刚从原始字节得出：
desk-page-verdict-explained-erased = 解封所需的内容已按规定销毁。剩余部分刚刚检查过：
desk-page-verdict-explained-arriving = 目前已有的内容正确，后续仍在接收。
desk-page-verdict-explained-partial = 已有的内容正确，但缺少结尾：电脑或网络中途停止。
desk-page-verdict-explained-broken = 此录像与签名不符，或与公开日志矛盾。请勿据此评判任何人。
desk-page-outcome-ok = 正确
desk-page-outcome-failed = 失败
desk-page-outcome-remark = 请注意
desk-page-outcome-unchecked = 无法检查

## 回放

desk-page-player = 回放
desk-page-terminal = 当时看到的终端
desk-page-play = 播放
desk-page-pause = 暂停
desk-page-play-help = 空格键播放或暂停，方向键前后移动五秒。
desk-page-back = 后退五秒
desk-page-forward = 前进五秒
desk-page-speed = 速度
desk-page-skip-idle = 跳过静默
desk-page-channel = 终端
desk-page-channel-room = 共享终端
desk-page-position = 录像中的位置
desk-page-position-of = { $position }，共 { $duration }
desk-page-lane-command = 命令
desk-page-lane-file = 文件
desk-page-lane-consent = 同意
desk-page-lane-mark = 标记与中断
desk-page-lane-other = 其他
desk-page-tabs = 此会话的已知内容
desk-page-tab-entries = 经过
desk-page-tab-search = 录像内搜索
desk-page-tab-files = 文件
desk-page-tab-views = 谁看过
desk-page-entries-kind = 哪些条目
desk-page-entries-all = 全部（{ $count }）
desk-page-entries-empty = 没有此类条目。
desk-page-kind-output = 终端输出
desk-page-kind-command = 命令
desk-page-kind-file = 文件
desk-page-kind-consent = 同意
desk-page-kind-session = 会话
desk-page-kind-forward = 连接
desk-page-kind-gap = 暂停
desk-page-kind-chat = 聊天
desk-page-kind-note = 备注
desk-page-kind-mark = 标记
desk-page-source-shown = 从屏幕读出
desk-page-files-empty = 没有触及任何文件。
desk-page-file-action = 操作
desk-page-file-path = 位置
desk-page-file-bytes = 字节
desk-page-file-refused = 被拒绝
desk-page-file-failed = 失败

## 搜索

desk-page-search-words = 词语
desk-page-search-help = 所有词语须在同一行。"加引号"表示完全一致。
desk-page-search-purpose-help = 用途会为此次搜索及其显示的每个会话记录下来；搜索的词语不会。
desk-page-search-narrow = 缩小范围
desk-page-search-engineer = 工程师或工号
desk-page-search-customer = 客户
desk-page-search-mark = 标记
desk-page-search-kind = 位置
desk-page-search-any = 任何位置
desk-page-search-first = 从
desk-page-search-last = 到
desk-page-search-begin = 搜索
desk-page-searching = 正在搜索 …
desk-page-search-results = 搜索结果
desk-page-search-nothing = 没有找到。
desk-page-search-more = 继续搜索
desk-page-search-more-in = 有 { $count } 个会话还有更多结果未显示：请打开会话后在其中搜索。
desk-page-search-more-inside = 还有更多结果未显示：请再加一个词。
desk-page-search-inside = 在此录像中搜索

## 谁看过什么

desk-page-views-lead = 对录像的每次查看、由谁、为何。任何条目都无法撤回：其承诺值在公开日志中。
desk-page-views-who = 谁（用户名）
desk-page-views-any = 全部
desk-page-views-kind = 事项
desk-page-looks-empty = 还没有人看过。
desk-page-all-sessions = 所有会话
desk-page-action-view = 查看
desk-page-action-search = 搜索
desk-page-action-download = 下载
desk-page-action-export = 导出
desk-page-action-hold = 法律保全
desk-page-action-lift-hold = 解除法律保全
desk-page-action-retention = 保留期
desk-page-action-erase = 删除

## 审阅

desk-page-review = 审阅
desk-page-review-which = 哪份审阅
desk-page-review-none = 此会话还无人审阅。
desk-page-review-not-yet = 会话结束且可读取后才能审阅。
desk-page-review-not-in = 尚未提交。
desk-page-review-by = { $reviewer } · { $reason }
desk-page-draft-unchanged = 草稿
desk-page-draft-unsaved = 尚未保存
desk-page-draft-saving = 正在保存 …
desk-page-draft-saved = 草稿已保存
desk-page-calibration-blind = 校准：双方提交之前，谁也看不到对方的得分。
desk-page-auto-fail = 不合格即判整场失败
desk-page-weight = 权重 { $weight }
desk-page-not-applicable = 不适用
desk-page-pin = 标定 { $time }
desk-page-pin-line = 将“{ $line }”标定到 { $time }
desk-page-unpin-line = 取消“{ $line }”的标定
desk-page-to-pin = 前往 { $time }，查看“{ $line }”
desk-page-note = 备注
desk-page-note-of = “{ $line }”的备注
desk-page-comment = 总评
desk-page-answered = 已评 { $answered } / { $count }
desk-page-submit = 提交 …
desk-page-submit-sure = 提交后不可更改。可提出一次异议，由他人裁定。
desk-page-submit-for-good = 确认提交
desk-page-submit-back = 继续填写
desk-page-auto-failed = 判为失败：{ $lines }
desk-page-assign = 开始或分派审阅
desk-page-scorecard = 评分表
desk-page-assign-me = 由我审阅
desk-page-assign-reviewer = 审阅员（用户名）
desk-page-assign-other = 分派
desk-page-assign-second = 第二位审阅员（用户名）
desk-page-assign-both = 校准：两人互不可见
desk-page-dispute = 对此审阅提出异议
desk-page-dispute-lead = 只能提出一次，由审阅员以外的人裁定。
desk-page-dispute-grounds = 为什么不正确？
desk-page-dispute-by = 由谁提出（若不是您）
desk-page-dispute-raise = 提出异议
desk-page-dispute-raised = { $by } 于 { $day } 提出异议
desk-page-decide = 裁定异议
desk-page-decide-words = 说明
desk-page-decide-lead = 裁定不可更改。
desk-page-decide-for-good = 裁定
desk-page-outcome-of-dispute-kept = 维持原样
desk-page-outcome-of-dispute-amended = 更正
desk-page-outcome-of-dispute-struck = 作废

## 实时墙

desk-page-place-live = 实时
desk-page-wall-title = 查看进行中的会话
desk-page-wall-limit = 仅显示最新的 { $limit } 个。
desk-page-every-mark = 不论有无标记
desk-page-only-marked = 有任何标记
desk-page-running-count = { $count } 个会话进行中
desk-page-running-empty = 没有进行中的会话。客户同意后片刻即会出现在这里。
desk-page-running-none-of = 进行中的会话都不属于该团队和等级。
desk-page-running-none-marked = 各会话均无此标记。
desk-page-running-over = 此会话已结束。
desk-page-act = 到服务器上处理
desk-page-happening = 正在发生
desk-page-happening-empty = 命令、文件和同意会随时显示在这里。
desk-page-to-replay = 打开录像
desk-page-over = 已结束
desk-page-root = 管理员权限
desk-page-silent = 已静默 { $time }

## 报表

desk-page-place-reports = 报表
desk-page-zone = 时区
desk-page-by = 分组
desk-page-by-all = 全部合计
desk-page-by-engineer = 工程师
desk-page-by-tier = 服务等级
desk-page-by-team = 团队
desk-page-by-month = 月
desk-page-by-week = 周
desk-page-within = 首次响应目标（秒）
desk-page-report-make = 显示
desk-page-population = { $first } 至 { $last } 结束的会话共 { $sessions } 个，求助 { $requests } 个，按 { $zone } 计日
desk-page-report-empty = 此期间没有结束的会话或求助。请选择其他期间。
desk-page-csv = 下载 CSV
desk-page-group-all = 全部
desk-page-group-unknown-engineer = 无人
desk-page-count = n = { $count }
desk-page-too-few = 样本太少，参考价值有限
desk-page-open-behind = 打开相关会话
desk-page-open-behind-of = 打开“{ $figure }”背后的会话
desk-page-behind = { $figure }：{ $group }
desk-page-behind-which = 哪些会话
desk-page-behind-all = 全部计入的
desk-page-behind-hits = 结果为是的
desk-page-behind-rest = 结果为否的
desk-page-behind-none = 没有会话。
desk-page-behind-close = 关闭
desk-page-behind-without = 另有 { $count } 个求助没有形成会话，也计算在内。
desk-page-plot = 各组的“{ $figure }”及其区间；按同样分组的报表中有相同的数字
desk-page-plot-which = 图表
desk-page-plot-help = 竖线为 95% 的 Wilson 区间。
desk-page-figure-csat = 满意（4-5 星）
desk-page-figure-dsat = 不满意（1-2 星）
desk-page-figure-response-rate = 客户回复率
desk-page-figure-resolved-first-session = 首次会话即解决
desk-page-figure-fcr = 首次联系解决率
desk-page-figure-speed-of-answer-median = 应答速度，中位数
desk-page-figure-speed-of-answer-p90 = 应答速度，P90
desk-page-figure-queue-service-level = 服务水平，排队
desk-page-figure-abandonment = 放弃率
desk-page-figure-first-response-median = 首次响应，中位数
desk-page-figure-first-response-p90 = 首次响应，P90
desk-page-figure-service-level = 服务水平，首次响应
desk-page-figure-handling-median = 处理时长，中位数
desk-page-figure-handling-p90 = 处理时长，P90
desk-page-figure-quality-random = 质量得分，随机抽取
desk-page-figure-auto-fails-random = 直接判负，随机抽取
desk-page-figure-critical-error-accuracy-random = 无严重错误，随机抽取
desk-page-figure-quality-reason = 质量得分，因故抽取
desk-page-figure-auto-fails-reason = 直接判负，因故抽取
desk-page-figure-critical-error-accuracy-reason = 无严重错误，因故抽取
desk-page-calibrations = 校准
desk-page-calibrations-lead = 两位审阅员互不可见地为同一会话评分。好的一对相差 5 分以内，κ ≥ 0.6。
desk-page-calibrations-empty = 还没有双方都已提交的校准。可在会话回放旁发起。
desk-page-calibration-pair = 审阅员
desk-page-calibration-line = 评分表条目
desk-page-calibration-apart = 分差
desk-page-calibration-agreed = 一致

## 发生的事，以文字表述

desk-page-happened-asked = 请求 { $minutes } 分钟：{ $scopes }。理由：{ $reason }
desk-page-happened-asked-place = 请求接替{ $leaver }：{ $scopes }。理由：{ $reason }
desk-page-happened-allowed = 客户允许：{ $scopes }
desk-page-happened-denied = 客户拒绝
desk-page-happened-timeout = 客户没有回答
desk-page-happened-changed = 由{ $by }更改：{ $scopes }
desk-page-happened-joined = { $who } 加入
desk-page-happened-left = { $who } 离开
desk-page-happened-taken-over = { $who } 接替了{ $leaver }
desk-page-happened-stopped = { $who } 结束了会话：{ $why }
desk-page-happened-ssh = { $who } 可以用 SSH 程序进入
desk-page-happened-paused = 由{ $by }暂停
desk-page-happened-said = { $by }：{ $text }
desk-page-happened-redacted = 规则 { $rule } 遮盖了一处机密
desk-page-engineer-number = 工程师 { $number }
desk-page-by-whom-customer = 客户
desk-page-by-whom-recorder = 录制程序
desk-page-by-whom-time = 时限
desk-page-by-whom-session-end = 会话结束
desk-page-file-did-read = 读取
desk-page-file-did-write = 写入
desk-page-file-did-list = 列出
desk-page-file-did-remove = 删除
desk-page-file-did-rename = 重命名
desk-page-file-did-make-folder = 新建文件夹
desk-page-file-did-remove-folder = 删除文件夹
desk-page-file-did-set-attributes = 更改属性
desk-page-file-did-link = 链接
