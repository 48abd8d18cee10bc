"""Where the published vectors are found."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def published_vectors() -> Path:
    """The folder of published vectors; a machine without it fails only in the tests that read the files themselves."""
    folder = Path(os.environ.get("CONSENTRY_VECTORS", REPOSITORY.parent / "shared" / "vectors"))
    if not folder.is_dir():
        pytest.fail(
            f"The published test vectors are not at {folder}. Put testvectors.json of "
            "github.com/cfrg/draft-irtf-cfrg-cpace (commit 8fb4056e) into a folder `cpace`, and name the folder above "
            "it in CONSENTRY_VECTORS."
        )
    return folder
