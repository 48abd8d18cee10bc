"""Seeded hours of support, as text: what stands on terminals in English and Chinese, with known words at known seconds.

`make_hours` is fast and makes no recordings: only what an index holds of them. What draws, wraps and scrolls is
`shell_hours.py`'s business.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from audit.replay_index.entries import Entry, Kind, Source

LINES_PER_HOUR = 1500
"""About a hundred kilobytes: what an hour of looking at logs and configuration leaves."""
START_MS = 1_790_000_000_000
HOUR_MS = 3_600_000

_ENGLISH_TEXT = """
    request reply timeout session upload cache user order queue retry failed started stopped service disk memory
    network address interface packet kernel process signal socket listen refused accepted certificate expired
    journal restart config reload worker thread pool connection database table index query lock deadlock backup
    restore snapshot volume mount unmount permission denied granted password policy firewall rule route gateway
    printer receipt spooler driver firmware update package version install remove upgrade dependency conflict
"""
_CHINESE_TEXT = """
    服务 重启 失败 成功 磁盘 空间 不足 内存 网络 地址 连接 超时 拒绝 证书 过期 日志 数据库 查询 备份 恢复 快照 权限
    密码 策略 防火墙 规则 路由 网关 打印机 收据 驱动 固件 更新 安装 卸载 升级 依赖 冲突 用户 订单 队列 缓存 会话
"""
_ENGLISH = tuple(_ENGLISH_TEXT.split())
_CHINESE = tuple(_CHINESE_TEXT.split())
_COMMANDS = (
    "systemctl status {0}",
    "journalctl -u {0} --since today",
    "grep -n {0} /var/log/{1}.log",
    "cat /etc/{0}/{1}.conf",
    "df -h /srv/{0}",
    "ss -tlnp | grep {2}",
    "tail -n 40 /var/log/{0}/{1}.log",
    "vim /etc/{0}.d/{1}",
)


@dataclass(frozen=True)
class Planted:
    """A word that stands in one line only: the hit that a search must land on."""

    word: str
    hour: int
    t_ms: int


def words(draw: random.Random, count: int) -> str:
    """Log-like words: two thirds from a vocabulary, one third identifiers that hardly ever come again."""
    vocabulary = _CHINESE if draw.random() < 0.3 else _ENGLISH
    return " ".join(
        draw.choice(vocabulary) if draw.random() < 0.67 else f"{draw.choice('abcdefxyz')}{draw.randrange(1_000_000)}"
        for _ in range(count)
    )


def command(draw: random.Random) -> str:
    return draw.choice(_COMMANDS).format(draw.choice(_ENGLISH), draw.choice(_ENGLISH), draw.randrange(65536))


def make_hour(number: int) -> tuple[list[Entry], list[Planted]]:
    """One hour's entries, the same in every run, with one Latin and one Chinese word planted in it."""
    draw = random.Random(8841 + number)
    entries: list[Entry] = []
    planted: list[Planted] = []
    places = {draw.randrange(LINES_PER_HOUR): f"needle{number}", draw.randrange(LINES_PER_HOUR): _rare_word(number)}
    for line in range(LINES_PER_HOUR):
        t_ms = line * HOUR_MS // LINES_PER_HOUR
        if line % 50 == 0:
            entries.append(Entry(t_ms, Kind.COMMAND, command(draw), Source.PROMPT))
        text = f"{t_ms // 60000:02}:{t_ms // 1000 % 60:02} {words(draw, 8)}"
        if line in places:
            planted.append(Planted(places[line], number, t_ms))
            text = f"{text} {places[line]} {draw.choice(_ENGLISH)}"
        entries.append(Entry(t_ms, Kind.OUTPUT, text, Source.SHOWN))
    return entries, planted


def make_hours(count: int) -> Iterator[tuple[list[Entry], list[Planted]]]:
    for number in range(count):
        yield make_hour(number)


def _rare_word(number: int) -> str:
    """Two Chinese characters that stand side by side in this hour only."""
    return chr(0x4E00 + number % 97) + chr(0x9000 + number // 97)
