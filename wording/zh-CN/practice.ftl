### `consentry practice`：练习环境的用语。

practice-preparing = 正在 { $folder } 中建立练习用的单位，仅第一次需要，约几秒钟 …
practice-invitation =
    本机上已运行一个服务和一位客户。客户给您念的连接码是 { $code }。
    您来当工程师：另开一个终端，粘贴下面这一行。您会得到一个真实的 shell，位于临时文件夹中；请看看 receipts.log。用 “exit” 离开。
    在这里按 Ctrl-C 停止全部。
practice-browser = 也可以用浏览器（会提示证书仅供练习）：{ $address }，用户名“{ $user }”，密码 { $password }
practice-administrator = 在同一地址管理人员、查看服务状态：{ $address }，用户名“{ $user }”，密码 { $password }
practice-desk = 之后可在浏览器中以主管身份回看：{ $address }，用户名“{ $user }”，密码 { $password }
practice-asked = 客户读到：有人因“{ $reason }”请求：{ $scopes }
practice-allowed = 客户同意了。
practice-command = 客户看到一条命令：{ $command }
practice-file = 客户看到一个文件操作：{ $action } { $path }
practice-look-back =
    会话已结束。客户保留一份回执：{ $receipt }
    重放、校验、查看所保存的内容，并像任何人一样核对回执：
practice-servers-stopped = 服务器和审计服务自行停止了，正在重新启动；它们最后的输出在 { $log }。
practice-servers-back = 它们已重新运行，之前打开的会话继续进行。
practice-stopped = 已停止。所有数据保存在 { $folder }，下次启动会继续使用。
