"""What is blotted out, and that nothing else ever changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_client.recorder.errors import BadRedactionRules
from agent_client.recorder.redaction import BLOCK_BLOT, HOLD_LIMIT_BYTES, RedactionRules, RuleRedactor
from agent_client.recording import Redactor
from protocol.events import Event, Redacted

RULES = RedactionRules.load()
BLOT = "█"


class Log:
    """A recording that only remembers."""

    strict = False
    has_room = True

    def __init__(self) -> None:
        self.events: list[Event] = []

    def elapsed_ms(self) -> int:
        return 7

    def record(self, event: Event) -> None:
        self.events.append(event)

    async def wait_for_room(self) -> None: ...

    async def wait_until_durable(self) -> None: ...

    @property
    def blotted(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for event in self.events:
            assert isinstance(event, Redacted)
            assert event.channel == 3
            total[event.rule] = total.get(event.rule, 0) + event.byte_count
        return total


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def redactor(log: Log) -> Redactor:
    return RuleRedactor(RULES, log, 3)


AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"""The vendor's own documentation example."""

SECRETS = [
    ("aws-access-key", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("aws-secret-key", f"aws_secret_access_key = {AWS_SECRET}", AWS_SECRET),
    ("github-token", "ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
    ("github-token", "github_pat_" + "A1_b" * 12, "github_pat_" + "A1_b" * 12),
    ("gitlab-token", "glpat-abcdefghij0123456789", "glpat-abcdefghij0123456789"),
    ("slack-token", "xoxb-123456789012-abcdef", "xoxb-123456789012-abcdef"),
    ("password-in-url", "postgres://app:hunter2@db/x", "hunter2"),
    ("password", "curl '?user=a&password=hunter2&x=1'", "hunter2"),
    ("password", "PASSWORD=密码很长", "密码很长"),
    ("authorization", "Authorization: Bearer abcdefghijklmnopqrst==", "abcdefghijklmnopqrst=="),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "secret"), SECRETS)
def test_secret_is_blotted(redactor: Redactor, log: Log, rule: str, text: str, secret: str) -> None:
    """Exactly the secret is replaced, one blot per character, and the recording says by which rule and how much."""
    out = redactor.feed(f"before {text} after\r\n".encode()) + redactor.flush()
    assert out.decode() == f"before {text} after\r\n".replace(secret, BLOT * len(secret))
    assert log.blotted == {rule: len(secret.encode())}


@pytest.mark.parametrize(("rule", "text", "secret"), SECRETS)
def test_secret_in_single_bytes_is_blotted(redactor: Redactor, log: Log, rule: str, text: str, secret: str) -> None:
    """Reads that cut a secret anywhere show at most what its kind begins with, which is the same for all of them."""
    out = b"".join(redactor.feed(bytes([byte])) for byte in f"{text}\n".encode())
    starts = [start.decode() for one in RULES.rules if one.name == rule for start in one.starts]
    begun = max((len(start) - 1 for start in starts if secret.startswith(start)), default=0)
    blotted = secret[:begun] + BLOT * (len(secret) - begun)
    assert (out + redactor.flush()).decode() == f"{text}\n".replace(secret, blotted)
    assert log.blotted == {rule: len(secret[begun:].encode())}


def test_typed_key_is_never_held(redactor: Redactor) -> None:
    """Not even one with which some secrets begin: whoever types it waits for its echo."""
    for key in b"asghpxABPp:-./=":
        assert redactor.feed(bytes([key])) == bytes([key])
        assert redactor.held_bytes == 0


PEM = b"-----BEGIN RSA PRIVATE KEY-----\r\n" + b"MIIEowIBAAKCAQEA1234\r\n" * 40 + b"-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("piece", [1, 7, 33, 4096])
@pytest.mark.parametrize("flushes", [False, True])
def test_private_key_is_a_block(redactor: Redactor, log: Log, piece: int, flushes: bool) -> None:
    """Of a private key only its frame is seen, however slowly it comes."""
    data = b"$ cat key\r\n" + PEM + b"\r\n$ "
    out = b""
    for at in range(0, len(data), piece):
        out += redactor.feed(data[at : at + piece])
        if flushes and at > 60:
            out += redactor.flush()
    out += redactor.flush()
    assert out == b"$ cat key\r\n-----BEGIN RSA PRIVATE KEY-----" + BLOCK_BLOT + PEM[-29:] + b"\r\n$ "
    assert sum(log.blotted.values()) >= 40 * 22


def test_block_without_end_stops_at_the_prompt(redactor: Redactor) -> None:
    """A key that is cut short does not swallow what comes after it."""
    out = redactor.feed(PEM[:200] + b"\r\nroot@host:~# ls\r\n") + redactor.flush()
    assert out.endswith(b"root@host:~# ls\r\n")
    assert b"MIIE" not in out


def test_block_does_not_hide_without_bound(redactor: Redactor) -> None:
    """A page of harmless text behind a lone BEGIN mark is hidden up to a bound, then seen again."""
    page = b"all work and no play\r\n" * 10_000
    out = redactor.feed(b"-----BEGIN PRIVATE KEY-----\r\n")
    for at in range(0, len(page), 8192):
        out += redactor.feed(page[at : at + 8192])
    out += redactor.flush()
    assert len(out) > len(page) // 2


def test_certificates_are_not_hidden(redactor: Redactor) -> None:
    """A public certificate has a frame too, and is no secret."""
    text = PEM.replace(b"RSA PRIVATE KEY", b"CERTIFICATE") + b"\r\n"
    assert redactor.feed(text) + redactor.flush() == text


def test_flush_keeps_hiding_what_goes_on(redactor: Redactor, log: Log) -> None:
    """A secret printed slower than the redactor may wait: what is complete is blotted, its rest too."""
    out = redactor.feed(b"password=hun")
    assert out == b""
    assert redactor.held_bytes == 12
    out = redactor.flush()
    assert out.decode() == "password=" + BLOT * 3
    assert redactor.held_bytes == 0
    out += redactor.feed(b"ter2") + redactor.flush() + redactor.feed(b" next")
    assert (out + redactor.flush()).decode() == "password=" + BLOT * 7 + " next"
    assert log.blotted == {"password": 7}


def test_start_cut_by_a_flush(redactor: Redactor) -> None:
    """Even if the beginning of a secret's mark had to go out, the secret behind it is blotted."""
    out = redactor.feed(b"x pass") + redactor.flush() + redactor.feed(b"word=hunter2 y") + redactor.flush()
    assert out.decode() == "x password=" + BLOT * 7 + " y"


def test_ordinary_output_is_not_held(redactor: Redactor) -> None:
    """An echoed key goes on at once."""
    for byte in b"echo hello world\r\n":
        assert redactor.feed(bytes([byte])) == bytes([byte])


def test_hold_is_bounded(redactor: Redactor) -> None:
    """A line without end behind a mark does not pile up."""
    out = redactor.feed(b"://" + b"x" * 10 * HOLD_LIMIT_BYTES)
    assert len(out) > 8 * HOLD_LIMIT_BYTES
    assert redactor.held_bytes <= HOLD_LIMIT_BYTES


PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"password", b"=", b"://", b"u:", b"@", b"\n", b"AKIA", b"-----BEGIN ", b"ghp", b"_", b" "]),
)  # fmt: skip


@given(st.lists(st.tuples(PIECES, st.booleans()), max_size=30))
def test_never_loses_or_reorders_bytes(steps: list[tuple[bytes, bool]]) -> None:
    """Whatever comes in pieces and flushes: undo the blots' lengths, and every byte is accounted for."""
    log = Log()
    redactor = RuleRedactor(RULES, log, 3)
    out = b""
    for data, flush in steps:
        out += redactor.feed(data)
        if flush:
            out += redactor.flush()
            assert redactor.held_bytes == 0
    out += redactor.flush()
    whole = b"".join(data for data, _ in steps)
    if not log.events and BLOCK_BLOT not in out:
        assert out == whole


@given(st.lists(PIECES, max_size=30))
def test_cuts_do_not_matter(pieces: list[bytes]) -> None:
    """Without flushes between, the result depends on the bytes alone (whole starts at a time, as here)."""
    one, many = RuleRedactor(RULES, Log(), 3), RuleRedactor(RULES, Log(), 3)
    whole = b"".join(pieces)
    expected = one.feed(whole) + one.flush()
    assert b"".join(map(many.feed, pieces)) + many.flush() == expected


def test_own_rules_replace_ours(tmp_path: Path, log: Log) -> None:
    """A file of one's own is all that counts."""
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "badge"\nstarts = ["BADGE-"]\npattern = \'BADGE-(?P<secret>[0-9]{4})\'\n')
    redactor = RuleRedactor(RedactionRules.load(path), log, 3)
    out = redactor.feed(b"BADGE-12345 password=x\n") + redactor.flush()
    assert out.decode() == f"BADGE-{BLOT * 4}5 password=x\n"


def test_no_rules_pass_everything(tmp_path: Path, log: Log) -> None:
    """An empty file switches redaction off."""
    path = tmp_path / "rules.toml"
    path.write_text("")
    redactor = RuleRedactor(RedactionRules.load(path), log, 3)
    assert redactor.feed(b"password=x") == b"password=x"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[rule]\n", "cannot be used"),
        ('[[rule]]\nname = "x"\n', "starts"),
        ('[[rule]]\nname = "x"\nstarts = ["ab"]\npattern = "ab"\n', "at least 3"),
        ('[[rule]]\nname = "x"\nstarts = ["abc"]\npattern = "("\n', "no valid expression"),
        ('[[rule]]\nname = "x"\nstarts = ["abc"]\npattern = "abc"\ncolour = 1\n', "colour"),
    ],
)
def test_bad_rules_are_named(tmp_path: Path, text: str, problem: str) -> None:
    """A file that cannot be used stops the agent with one sentence: it is never half applied."""
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(BadRedactionRules, match=problem):
        RedactionRules.load(path)


def test_missing_rules_file(tmp_path: Path) -> None:
    """So does a file that is not there."""
    with pytest.raises(BadRedactionRules, match="No such file or directory"):
        RedactionRules.load(tmp_path / "none.toml")
