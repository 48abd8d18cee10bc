### 会话本身的措辞：写入记录和回执的同意内容。

consent-text =
    { $name }（{ $organisation }，工号 { $staff_number }）因“{ $reason }”{ $ticket ->
        [none] {""}
       *[other] （工单 { $ticket }）
    }提出请求，获准在 { $minutes } 分钟内：{ $scopes }。全程录制。
consent-scope-view = 查看终端
consent-scope-shell = 在终端中输入并运行命令
consent-scope-files-r = 读取文件
consent-scope-files-w = 修改文件
consent-scope-forward = 建立网络连接
consent-scope-root = 以系统管理员身份进行以上操作
consent-scope-gateway = 也用自己的 SSH 程序做这些事
