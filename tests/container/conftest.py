"""Images that are really built, once for a session, and containers that really run."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import CANARY_MARK
from tests.support.container import machine
from tests.support.container.image_store import NEWEST, OLDEST, Image, ImageStore
from tests.support.container.run_image import Launcher
from tests.support.process import ROOT

API = ROOT / "tests" / "container" / "api"
_FIRST_BUILD_SECONDS = 3600


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the images to `make test-all`, and give the first test of them the time to build them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("more")
            item.add_marker(pytest.mark.timeout(_FIRST_BUILD_SECONDS))


@pytest.fixture(scope="session")
def image_store() -> ImageStore:
    """Share the store of images; skip where none can be built."""
    lack = machine.why_not()
    if lack:
        pytest.skip(lack)
    return ImageStore()


@pytest.fixture(scope="session")
def alone(image_store: ImageStore) -> Image:
    """Build the stand-alone image."""
    with image_store.exclusively():
        ground = image_store.debian(NEWEST)
        image_store.build("localhost/alone", arguments={"DEBIAN_IMAGE": ground})
        return image_store.image("localhost/alone")


@pytest.fixture(scope="session")
def api(image_store: ImageStore) -> Image:
    """Build the image in front of an API, as Render does: every variable of the service is an argument."""
    service = {"DATABASE_URL": f"postgresql://morse:{CANARY_MARK}@host/morse", "JWT_SECRET": CANARY_MARK}
    with image_store.exclusively():
        ground = image_store.debian(OLDEST)
        image_store.build("localhost/api", arguments={"DEBIAN_IMAGE": ground}, context=API)
        arguments = {
            "API_IMAGE": "localhost/api",
            "API_IMAGE_USER": "1000:1000",
            "RENDER_GIT_COMMIT": "0a1b2c3",
            **service,
        }
        image_store.build("localhost/in-front", arguments=arguments, env=service)
        return image_store.image("localhost/in-front")


@pytest.fixture
def launched() -> Iterator[Launcher]:
    """Lend a maker of commands that run a container: options of the launcher follow the image.

    Arguments that are put behind such a command are the container's. What still runs at the end is killed.
    """
    numbers = itertools.count(1)
    folder = Path(tempfile.mkdtemp(prefix="morse-bundles-"))

    def launch(image: Image, *options: str) -> tuple[str, ...]:
        bundle = folder / f"{folder.name}-{next(numbers)}"
        program = (sys.executable, "-m", "tests.support.container.run_image", str(image.rootfs))
        return (*program, "--bundle", str(bundle), *options, "--")

    yield launch
    for bundle in folder.iterdir():
        subprocess.run(["runc", "delete", "--force", bundle.name], capture_output=True, check=False)  # noqa: S603 - our own words
    shutil.rmtree(folder)
