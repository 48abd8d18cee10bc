### 服务器对无法使用的请求的答复。其他错误各有自己的句子。

http-not-json = 无法使用该请求：其内容不是可读取的 JSON。
http-nothing-here = 此地址没有内容。
http-other-method = 此地址不接受该方法。
http-malformed = 无法使用该请求：{ $where }：{ $problem }。
http-unusable = 无法使用该请求：{ $status }。
http-mistake = 服务器出错，已写入其日志；请重试，若仍如此请告知其运维人员。
