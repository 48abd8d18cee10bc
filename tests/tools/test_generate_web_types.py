"""The console's types say what the Python side says."""

from tools.generate_web_types import generated_files


def test_generated_files_are_fresh() -> None:
    """A message, a limit or an answer that changed here changes there: `python -m tools.generate_web_types`."""
    for path, text in generated_files().items():
        assert path.read_text() == text, f"{path.name} is stale: run python -m tools.generate_web_types"
