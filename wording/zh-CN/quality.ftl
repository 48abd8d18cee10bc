### 质检台：`consentry review …`。

command-review-next = 评审最先到期的会话：显示会话、回放，并逐项打分。
    .records = 录像文件夹。评审数据库放在它旁边。
    .key = 审计密钥文件。多个密钥可多次给出。
    .reviewer = 您的名字。默认是您的用户名。
    .marks = 贵单位自己的标记规则，替代自带的规则。
    .examples =
        consentry review next --records ./records --key ~/audit.key
        # 设置好 CONSENTRY_RECORDS 和 CONSENTRY_AUDIT_KEY 之后
        consentry review next

command-review-score = 用选项填写评分表，供脚本使用。不加 --draft 即正式提交。
    .review = 评审编号或其开头，见 `consentry review list`。
    .records = 录像文件夹。评审数据库放在它旁边。
    .key = 审计密钥文件。多个密钥可多次给出。
    .reviewer = 您的名字。默认是您的用户名。
    .answer = 分数，可加时刻和备注：cause-found=2 @3:10 先看了日志。n 表示不适用。
    .comment = 对整次会话的意见。
    .draft = 存为草稿；可以有未填的项。
    .examples =
        consentry review score 4f1c --draft --answer "cause-found=2 @3:10 先看了日志" --answer way-back=n

command-review-list = 列出评审：已分配、草稿、已提交、有异议。
    .records = 录像文件夹。评审数据库放在它旁边。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .mine = 只列出分配给您的。
    .status = 只列出这种状态的。
    .examples =
        consentry review list --mine
        consentry review list --status disputed
        consentry review list --json | jq -r 'select(.auto_fails != []) | .session.session_id'

command-review-show = 显示一份评审的全部内容。
    .review = 评审编号或其开头，见 `consentry review list`。
    .records = 录像文件夹。评审数据库放在它旁边。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review show 4f1c

command-review-assign = 应他人要求，将一次会话分配给评审员。
    .session = 会话编号或其开头，见 `consentry audit list`。
    .records = 录像文件夹。评审数据库放在它旁边。
    .to = 由谁评审。默认是您。
    .scorecard = 用哪份评分表的最新版本，见 `consentry review scorecards`。
    .days = 期限，从现在起的天数。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review assign 3fa8 --to ana --scorecard security-conduct --days 3

command-review-dispute = 对已提交的评审提出异议，仅限一次，须说明理由。
    .review = 评审编号或其开头，见 `consentry review list`。
    .grounds = 为何应当复核。
    .records = 录像文件夹。评审数据库放在它旁边。
    .by = 由谁提出（如不是您）：该会话的工程师。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review dispute 4f1c "3:10 已说明原因" --by "Mei Example"

command-review-decide = 裁定异议，仅限一次：kept 维持、amended 更正（给出新答案）或 struck 作废（不再计入）。
    .review = 评审编号或其开头，见 `consentry review list`。
    .outcome = kept、amended 或 struck。
    .records = 录像文件夹。评审数据库放在它旁边。
    .words = 理由。
    .answer = 更正时：今后有效的答案，写法同 `consentry review score`。
    .reviewer = 您的名字。默认是您的用户名。评审员本人不能裁定。
    .examples =
        consentry review decide 4f1c kept --words "日志到 5:00 才显示"
        consentry review decide 4f1c amended --answer "cause-found=2 @3:10" --words "当时没有注意到"

command-review-scorecards = 列出评分表、显示其中一份，或从文件加入新版本。
    .name = 显示这一份的最新版本。
    .records = 录像文件夹。评审数据库放在它旁边。
    .add = TOML 格式的评分表。已保存的版本不会改变：请提高版本号。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review scorecards
        consentry review scorecards remote-diagnosis
        consentry review scorecards --add our-scorecard.toml

command-review-sample = 按计划选取会话进行评审：随机，或有特定原因。

command-review-sample-plan = 制定抽样计划。随机计划带有种子，任何人都能重新抽取核对。
    .name = 计划名称：小写字母、数字、短横线。
    .records = 录像文件夹。评审数据库放在它旁边。
    .to = 由谁评审；可多次给出。任务分给手头最少的人，绝不分给该会话的工程师。
    .kind = random 随机、low-rating 低评价、mark 标记或 mystery 暗访。
    .each = 随机计划：每位工程师抽几次会话。默认 2。
    .margin = 随机计划，代替 --each：抽到足以把比例估计到此误差之内，例如 0.1。
    .mark = 标记计划：哪条规则。可多次给出。
    .stars = 低评价计划：不高于几星。
    .scorecard = 用哪份评分表，每次运行时取最新版本。
    .days = 评审期限的天数。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review sample plan monthly --each 3 --to ana --to ben
        consentry review sample plan risky --kind mark --mark root-scope --mark bulk-out --scorecard security-conduct --to ana

command-review-sample-run = 按计划在某段时间内结束的会话中抽取，并分配新抽到的。
    .name = 计划名称。
    .records = 录像文件夹。评审数据库放在它旁边。
    .from = 第一天，例如 2026-11-01。默认是到今天为止的 30 天。
    .to = 最后一天，包括在内。
    .zone = 以哪个时区的午夜为一天之始，例如 Asia/Shanghai。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .marks = 贵单位自己的标记规则，替代自带的规则。
    .examples =
        consentry review sample run monthly --from 2026-11-01 --to 2026-11-30 --zone Asia/Shanghai

command-review-sample-list = 列出计划及其种子，以及抽取过的结果。
    .records = 录像文件夹。评审数据库放在它旁边。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review sample list

command-review-sample-check = 用种子重新抽取一次。
    .run-id = 抽取编号或其开头。
    .records = 录像文件夹。评审数据库放在它旁边。
    .reviewer = 您的名字。默认是您的用户名。
    .exit-status =
        0：抽取结果相同。
        1：结果不同。
    .examples =
        consentry review sample check 9b2e

command-review-calibrate = 将一次会话交给两位评审员，互不可见；不给会话则显示评审员之间的一致程度。
    .session = 会话编号或其开头，见 `consentry audit list`。
    .records = 录像文件夹。评审数据库放在它旁边。
    .with = 两位评审员之一。请给出两次。
    .scorecard = 用哪份评分表的最新版本。
    .days = 期限，从现在起的天数。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review calibrate 3fa8 --with ana --with ben
        consentry review calibrate

command-review-mystery = 将会话标为暗访：不计入客户指标，也不告知任何工程师。
    .session = 会话编号或其开头，见 `consentry audit list`。
    .records = 录像文件夹。评审数据库放在它旁边。
    .remove = 取消标记。
    .note = 暗访要了解什么。
    .reviewer = 您的名字。默认是您的用户名。
    .examples =
        consentry review mystery 3fa8 --note "最后会索要密码"

command-review-report = 一段时间的指标，各附区间及其所依据的会话。
    .records = 录像文件夹。评审数据库放在它旁边。
    .from = 第一天，例如 2026-11-01。默认是到今天为止的 30 天。
    .to = 最后一天，包括在内。
    .zone = 以哪个时区的午夜为一天之始，例如 Asia/Shanghai。
    .by = all 全部、engineer 工程师或 team 团队（按满意度区间下限排名）、tier 等级、month 月或 week 周。
    .team = 只计该团队的会话；`-` 表示不属于任何团队的会话。
    .tier = 只计该等级的会话；`-` 表示没有等级的会话。
    .within = 首次响应的目标秒数。
    .open = 列出某个指标背后的会话，名称见 --csv：● 计入，○ 未计入。
    .csv = 输出 CSV。
    .key = 审计密钥文件。给出后会先读取新到的录像。
    .reviewer = 您的名字。默认是您的用户名。
    .marks = 贵单位自己的标记规则，替代自带的规则。
    .examples =
        consentry review report --from 2026-11-01 --to 2026-11-30 --zone Asia/Shanghai
        consentry review report --by engineer --csv > november.csv
        consentry review report --by team --tier gold
        consentry review report --open csat

review-form-how =

    每行：分数，可加时刻和备注。例如：2 @3:10 先看了日志
    n 不适用 · ? 本项说明 · r 回放（r 3:10 从该处） · b 返回 · s 保存并停止
review-form-not-applicable = n 不适用
review-form-does-not-apply = 不适用
review-form-weight = 权重 { $weight }
review-form-auto-fail = 最低等级即整次会话不合格
review-form-comment = 对整次会话有何意见？（回车：没有）
review-form-submit = 提交吗？提交后不能更改。y 提交 · s 存为草稿 · 输入序号可重答该项：
review-form-score = 质量得分：{ $points }（满分 100）
review-form-auto-failed = 直接不合格的项：{ $criteria }

review-nothing = 没有分配给您的任务，也没有等待评审的会话。
review-take-it = 没有分配给您的任务。这次会话还没有人评审。要评审吗？y 是 · n 否：
review-nothing-taken = 没有分配。
review-which-scorecard = 用哪份评分表？输入序号（回车：1）：
review-submitted = 已提交：评审 { $review }。查看：consentry review show { $review }
review-saved = 已存为草稿：{ $all } 项中的 { $count } 项。继续：consentry review next
review-replay-elsewhere = 请在终端中回放：consentry audit replay { $session }
review-list-empty = 没有评审。`consentry review next` 开始一份；`consentry review sample plan` 抽取多份。
review-scorecard-kept = 已保存：{ $scorecard }。
review-plan-made = 已保存：计划 { $plan }。其种子：{ $seed }
review-plans-empty = 还没有抽样计划。
review-run = 抽取 { $run }：分配了 { $count } 次，随机总体为 { $population } 次。
review-redrawn =
    .same = 用种子重新抽取，{ $run } 的结果相同。
    .other = 用种子重新抽取，{ $run } 的结果不同。名单被改动过。
review-calibrations-empty = 还没有校准：用 `consentry review calibrate SESSION --with NAME --with NAME` 开始。
review-calibration-made = 已分配给 { $first } 和 { $second }。两份都提交之前互不可见。
review-mystery =
    .flagged = 会话 { $session } 已标为暗访。
    .removed = 会话 { $session } 不再是暗访。

review-session =
    会话    { $session }
    开始    { $opened }，{ $minutes } 分
    工程师  { $engineer }（{ $number }）
    客户    { $customer }
    原因    { $reason }
    工单    { $ticket }
    录像    { $recording }
review-case =
    评审    { $review }，{ $reviewer }，{ $status }
    评分表  { $scorecard }
    期限    { $due }
    缘由    { $reason }
review-dispute = { $who } 提出异议：{ $grounds }
review-decision = { $who } 裁定：{ $outcome }。{ $words }
review-status =
    .assigned = 已分配
    .late = 已逾期
    .draft = 草稿
    .submitted = 已提交
    .disputed = 有异议
    .kept = 维持
    .amended = 已更正
    .struck = 已作废
review-reason =
    .random = 随机抽取
    .low-rating = 低评价
    .mark = 标记
    .request = 应要求
    .mystery = 暗访

review-report-head = { $first } 至 { $last }（{ $zone }）结束的 { $count } 次会话
review-report-only-team = 只计团队 { $name } 的会话。
review-report-only-tier = 只计等级 { $name } 的会话。
review-report-none = （无）
review-report-empty = 这段时间没有会话结束。
review-report-too-few = * 依据少于 { $limit }：样本太少，不足为凭。
review-report-column =
    .figure = 指标
    .value = 数值
    .interval = 95 % 区间
    .count = 依据数
    .plot = {"  "}
review-figure-csat = 满意（5 分中的 4 或 5）
review-figure-dsat = 不满意（1 或 2）
review-figure-response-rate = 评价回复率
review-figure-resolved-first-session = 首次会话即解决
review-figure-fcr = 首次接触解决率（7 天）
review-figure-speed-of-answer-median = 应答速度，中位数（分）
review-figure-speed-of-answer-p90 = 应答速度，P90（分）
review-figure-queue-service-level = 承诺时间内接手
review-figure-abandonment = 排队中放弃
review-figure-first-response-median = 首次响应，中位数（分）
review-figure-first-response-p90 = 首次响应，P90（分）
review-figure-service-level = { $seconds } 秒内首次响应
review-figure-handling-median = 处理时长，中位数（分）
review-figure-handling-p90 = 处理时长，P90（分）
review-figure-quality-random = 质量得分，随机
review-figure-auto-fails-random = 直接不合格，随机
review-figure-critical-error-accuracy-random = 无严重错误，随机
review-figure-quality-reason = 质量得分，有原因
review-figure-auto-fails-reason = 直接不合格，有原因
review-figure-critical-error-accuracy-reason = 无严重错误，有原因
review-calibration-points = 相差 { $points } 分
review-calibration-standing =
    .in = 已提交
    .waits = 尚未完成
review-calibration-column =
    .pair = 评审员
    .criterion = 评分项
    .sessions = 会话
    .apart = 分差
    .agreed = 答案相同
    .kappa = κ
    .remark = {"  "}
review-calibration-apart = 请就标准进行讨论
