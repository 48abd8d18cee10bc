### People who log in: what administrators are asked.

identity-ask-password = 新密码（至少 12 个字符）：{" "}
identity-ask-password-again = 再输入一次：{" "}
