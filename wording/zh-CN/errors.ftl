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
