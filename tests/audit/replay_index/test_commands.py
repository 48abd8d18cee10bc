"""Commands are read from the terminal, and each says how it came to be known."""

from audit.replay_index.channel_watch import ChannelWatch
from audit.replay_index.entries import Kind, Source
from protocol.events import TerminalOutput


def typed(*pieces: bytes | str, watch: ChannelWatch | None = None) -> list[tuple[str, Source]]:
    """What is found in pieces of output; a piece of text is typed, key by key, and echoed."""
    watch = watch or ChannelWatch(0)
    t_ms, found = 1000, []
    for piece in pieces:
        for data in [piece] if isinstance(piece, bytes) else [key.encode() for key in piece]:
            t_ms += 10
            watch.time_passes(t_ms)
            if isinstance(piece, str):
                watch.typing()
            watch.feed(TerminalOutput(t_ms, 0, data))
            found += [(entry.text, entry.source) for entry in watch.take() if entry.kind is Kind.COMMAND]
    return found


def test_what_is_typed_behind_a_prompt_is_a_command() -> None:
    """Marked as a guess; what the command prints is none."""
    assert typed(b"shop@till:~$ ", "ls -la", b"\r\ntotal 0 $ nothing\r\nshop@till:~$ ", "df", b"\r\n") == [
        ("ls -la", Source.PROMPT),
        ("df", Source.PROMPT),
    ]


def test_corrections_are_as_the_screen_shows_them() -> None:
    """Not the keys, the line: what was rubbed out is gone."""
    assert typed(b"# ", "rmm", b"\b \b", " -r x", b"\r\n") == [("rm -r x", Source.PROMPT)]


def test_a_command_that_wraps_is_whole() -> None:
    """Eighty columns are soon full."""
    command = "echo " + "x" * 120
    assert typed(b"$ ", command, b"\r\n") == [(command, Source.PROMPT)]


def test_pasting_with_the_line_feed_is_seen() -> None:
    """Echo and line feed may come in one piece."""
    watch = ChannelWatch(0)
    assert typed(b"$ ", watch=watch) == []
    watch.typing()
    watch.feed(TerminalOutput(2000, 0, b"uptime\r\n up 3 days\r\n$ "))
    assert [entry.text for entry in watch.take() if entry.kind is Kind.COMMAND] == ["uptime"]


def test_typing_into_a_program_is_no_command() -> None:
    """No prompt before the cursor, or a full-screen program."""
    assert typed(b"Password: ", "x", b"\r\n") == []
    assert typed(b"$ \x1b[?1049h", "dd", b"\r\n\x1b[?1049l") == []


def test_an_interrupted_line_is_no_command() -> None:
    """Ctrl-C throws it away."""
    assert typed(b"$ ", "rm -rf /", b"^C\r\n$ ") == []


def test_shell_integration_wins_over_guessing() -> None:
    """Once a shell marks its commands, nothing is guessed in that terminal any more."""
    prompt = b"\x1b]133;A\x07$ \x1b]133;B\x07"
    assert typed(
        prompt, "cat << END", b"\r\n\x1b]133;C\x07out $ put\r\n\x1b]133;D;0\x07", prompt, "ls", b"\r\n\x1b]133;C\x1b\\"
    ) == [
        ("cat << END", Source.SHELL_INTEGRATION),
        ("ls", Source.SHELL_INTEGRATION),
    ]


def test_a_mark_may_be_cut_anywhere() -> None:
    """Records end where they end."""
    whole = b"\x1b]133;A\x07$ \x1b]133;B\x07ls -la\r\n\x1b]133;C\x07out\r\n\x1b]133;D\x07"
    for at in range(1, len(whole)):
        assert typed(whole[:at], whole[at:]) == [("ls -la", Source.SHELL_INTEGRATION)], at
