"""What the pages say exists: links, commands, targets, files, packages, messages, codes."""

import ast
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from protocol import legs
from protocol.codes import parse_code
from protocol.grants import Scope
from protocol.messages import agent, control, fields, pairing, recorder
from protocol.messages.agent import CodeOpened, NewCode
from protocol.messages.wire import encode
from tests.helpers.command_lines import check_command_line

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
MAPPED = sorted(
    path
    for root in ROOT.iterdir()
    if (root / "__init__.py").exists() and root.name != "tests"
    for path in root.rglob("__init__.py")
    if re.search(r"^ *[a-z_]+\.py  ", path.read_text(encoding="utf-8"), re.MULTILINE)
)
DECISION_PARTS = ["Context", "Decision", "Road not taken", "Consequence"]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
PATH_IN_CODE = re.compile(r"[a-z_.]+/[\w./-]+\.(?:py|md|json|svg)")

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def code_of(text: str) -> Iterator[str]:
    """Lines of code blocks, fenced or indented, and code spans."""
    is_fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            is_fenced = not is_fenced
        elif is_fenced or line.startswith("    "):
            yield line.strip()
        else:
            yield from CODE_SPAN.findall(line)


def anchors_of(path: Path) -> set[str]:
    """As code hosts make them of headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


@page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """To a file or folder of the repository, and to a heading that is there."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{target} does not exist"
        assert file.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert not anchor or anchor in anchors_of(file), f"{target}: there is no such heading"


@page
def test_every_make_target_exists(page: Path) -> None:
    """`make …` in code names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for code in code_of(page.read_text(encoding="utf-8")):
        named = re.match(r"make ([a-z-]+)$", code)
        assert named is None or named[1] in targets, f"there is no target for `{code}`"


@page
def test_every_command_parses(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`consentry …` names a command; an example with arguments is one that the command line takes, for somebody who has
    said once where things are."""
    for name in ("CONSENTRY_RECORDS", "CONSENTRY_AUDIT_KEY", "CONSENTRY_DATA_FOLDER"):
        monkeypatch.setenv(name, str(ROOT))
    for code in code_of(page.read_text(encoding="utf-8")):
        if re.match(r"consentry( |$)", code) and not re.search("…|─|  ", code):
            check_command_line(code)  # `consentry …` stands for all of them; lines and two blanks mean a drawing


@page
def test_every_file_that_is_named_exists(page: Path) -> None:
    """A path with a folder in it is one of the repository."""
    for code in code_of(page.read_text(encoding="utf-8")):
        if PATH_IN_CODE.fullmatch(code) and not code.startswith("."):
            assert (ROOT / code).exists() or (page.parent / code).exists(), f"there is no {code}"


@page
def test_every_example_of_a_toml_file_parses(page: Path) -> None:
    """Whoever copies a block that begins with a table's name has a file that can be read, comments and all."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"(?:^(?: {4}.*)?\n)*^ {4}\[\[.*\n(?:^(?: {4}.*)?\n)*", text, re.MULTILINE):
        tomllib.loads(textwrap.dedent(block))


@page
def test_every_row_of_a_table_has_a_head(page: Path) -> None:
    """A blank line in the middle of a table makes text of the rows below it."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert re.match(r"\|.*\n\|[-:| ]+\n", table), f"there is no head above: {table}"


@page
def test_examples_of_codes_have_a_right_check_digit(page: Path) -> None:
    """Whoever types an example in is not told that a digit is wrong. (One page is about a wrong one.)"""
    if page.name == "0016-code-example-digits.md":
        return
    for code in re.findall(r"\b\d{3,4}-\d{4}-\d{4}\b", page.read_text(encoding="utf-8")):
        parse_code(code)


@page
def test_pages_name_no_machine(page: Path) -> None:
    """No folder of somebody's machine, no address in a private network."""
    assert not re.search(r"/(root|tmp|work)/\w|\b(10|192\.168)\.\d+\.\d+", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", MAPPED, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_whose_docstring_is_a_map_is_on_it_as_a_whole(package: Path) -> None:
    """Each module by its name, or by a pattern such as `sql_*.py`; and none that is not there."""
    docstring = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    named = set(re.findall(r"(?<![\w/])[\w*]+\.py\b", docstring))
    there = {path.name for path in package.parent.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert {name for name in there if not any(fnmatch(name, pattern) for pattern in named)} == set()
    assert {name for name in named if not any(package.parent.rglob(name))} == set()


def test_every_package_of_the_map_exists_and_every_package_is_on_it() -> None:
    """The table of ARCHITECTURE.md lists what is installed."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = {Path(name) for name in re.findall(r"^\| `([a-z_/]+)/` \|", text, re.MULTILINE)}
    assert all((ROOT / name / "__init__.py").exists() for name in named)
    shipped = re.search(r"^packages = \[(.+)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert shipped is not None
    assert {name.parts[0] for name in named} == set(re.findall(r'"(\w+)"', shipped[1]))


def test_every_folder_of_the_repository_is_on_the_map() -> None:
    """Nobody opens one without having read what it is for."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    folders = {Path(name).parts[0] for name in kept if "/" in name and not name.startswith(".")}
    assert len(folders) > 15
    assert not [name for name in folders if f"`{name}/" not in text]
    rooms = {Path(name).parts[2] for name in kept if re.match("web/src/.+/", name)}
    assert not [name for name in rooms if f"`{name}/`" not in text and f"`web/src/{name}/`" not in text]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: str(path.stem))
def test_every_decision_has_its_four_parts(decision: Path) -> None:
    """Context, decision, road not taken, consequence, in this order, none empty; its number stands in its title."""
    text = decision.read_text(encoding="utf-8")
    title, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    assert title.startswith(f"# {int(decision.name[:4])}. ")
    assert [part.partition("\n")[0] for part in parts] == DECISION_PARTS
    assert all(part.partition("\n")[2].strip() for part in parts)


def test_the_map_of_a_package_names_what_is_there() -> None:
    """The first word of each line in a package's docstring is a file or folder of it."""
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "root_packages"
    ]
    named = 0
    for init in (path for package in packages for path in (ROOT / package).rglob("__init__.py")):
        text = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
        for name in re.findall(r"^ *([\w*/]+(?:\.py|/)) ", text, re.MULTILINE):
            named += 1
            assert [*init.parent.glob(name)], f"{init.relative_to(ROOT)} names {name}"
    assert named > 200


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    """Their index names each one."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in index for path in DECISIONS)


@page
def test_a_decision_is_linked_by_its_own_number(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for label, target in re.findall(r"\[(\d{4})\]\(([^)\s#]+)", text):
        assert Path(target).name.startswith(f"{label}-"), f"[{label}] leads to {target}"


def test_every_message_and_field_is_described() -> None:
    """The map of the protocol, or the page on the control channel, knows every one under the names that stand
    on the wire."""
    folder = ROOT / "docs" / "protocol"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("README.md", "control.md"))
    unions = (
        agent.AgentToBroker, agent.BrokerToAgent, pairing.EngineerToBroker, pairing.BrokerToEngineer,
        recorder.BrokerToRecorder, control.EngineerToAgent, control.AgentToEngineer,
    )  # fmt: skip
    every = {kind for union in unions for kind in get_args(union)} | {recorder.UploadRecords}
    assert len(every) > 30
    for kind in every:
        info = msgspec.structs.fields(kind)
        assert f"`{kind.__struct_config__.tag}`" in text, f"{kind.__name__} is not described"
        missing = [field.encode_name for field in info if f"`{field.encode_name}`" not in text]
        assert not missing, f"{kind.__name__}: {missing} not described"


def test_words_on_the_wire_are_described() -> None:
    """Outcomes, reasons and scopes."""
    text = (ROOT / "docs" / "protocol" / "README.md").read_text(encoding="utf-8")
    words = {*get_args(pairing.PairingOutcome), *get_args(fields.EndReason), *Scope}
    assert not [word for word in words if f"`{word}`" not in text]


def test_the_examples_of_messages_are_what_the_encoder_writes() -> None:
    """The bytes on the protocol's first page."""
    text = (ROOT / "docs" / "protocol" / "README.md").read_text(encoding="utf-8")
    block = text[text.index("    NewCode(") : text.index("### Agent to broker")]
    pieces = re.findall(r"(?<= )(?:[0-9a-f]{2})+(?= |$)", re.sub(r"\w+\(.*?\)", "", block), re.MULTILINE)
    written = "".join(pieces)
    expected = encode(NewCode(agent_nonce=bytes(range(16)))) + encode(CodeOpened(nameplate="482", expires_at_ms=1))
    assert written == expected.hex()


def test_every_status_and_close_code_of_legs_is_described() -> None:
    """The page on streams knows what a relay can say."""
    text = (ROOT / "docs" / "protocol" / "stream.md").read_text(encoding="utf-8")
    codes = {getattr(legs, name) for name in vars(legs) if name.startswith("CLOSE_")} | legs.FINAL_STATUSES
    assert not [code for code in codes if f"| {code} |" not in text]
