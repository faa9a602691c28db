"""Draw without a screen, and drive a browser without a network."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import matplotlib
import pytest

# The DevTools protocol goes over a pipe, so that tests need no package for it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser():
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A page in a headless Chromium without a network."""

    def __init__(self, executable, width=1280, height=900, *, is_phone=False):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def take_places():  # the browser reads from 3 and writes to 4
            ends = os.dup(to_browser), os.dup(from_browser)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [
                executable,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-pipe",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={self._folder.name}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=take_places,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._number, self._session = b"", 0, None
        self.requests, self.errors = [], []
        pages = []
        while not pages:  # as long as the browser is starting
            targets = self.call("Target.getTargets")["targetInfos"]
            pages = [target["targetId"] for target in targets if target["type"] == "page"]
        attached = self.call("Target.attachToTarget", targetId=pages[0], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if is_phone else 1,
            mobile=is_phone,
        )

    def close(self):
        """End the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        self._folder.cleanup()

    def call(self, method, **params):
        """Call a method of the DevTools protocol, and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _next_message(self):
        while b"\0" not in self._buffer:
            data = os.read(self._read, 2**16)
            if not data:
                raise RuntimeError("the browser has gone")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(message)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(str(message["params"]["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded":
            self.errors.append(message["params"]["entry"]["text"])
        return message

    def ask(self, expression):
        """Return the value of a JavaScript expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def open(self, path, ready="document.body && document.body.dataset.ready === 'true'"):
        """Open a file, and wait until an expression is true."""
        self.call("Page.navigate", url=Path(path).absolute().as_uri())
        deadline = time.monotonic() + 600
        while not self.ask(ready):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} was not ready: {self.errors}")

    def click(self, selector, x=0.5, y=0.5):
        """Click at a share of the width and height of an element, with the mouse."""
        left, top = self.ask(
            f"(() => {{ const e = document.querySelector({selector!r});"
            "e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            f"return [b.left + {x} * b.width, b.top + {y} * b.height]; }})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=left, y=top, button="left", clickCount=1
            )

    def drag(self, selector, by_x):
        """Drag an element by some pixels."""
        left, top = self.ask(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect();"
            "return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        for kind, x in (("mousePressed", 0), ("mouseMoved", by_x / 2), ("mouseMoved", by_x)):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=left + x, y=top, button="left", buttons=1
            )
        self.call(
            "Input.dispatchMouseEvent", type="mouseReleased", x=left + by_x, y=top, button="left"
        )


@pytest.fixture(autouse=True)
def no_screen():
    matplotlib.use("Agg")


@pytest.fixture
def open_page():
    """Open a page in a browser of a width, or skip where there is no Chromium."""
    executable = find_browser()
    if executable is None:
        pytest.skip("needs Chromium, such as Debian's package chromium")
    browsers = []

    def open_page(path, **options):
        browsers.append(Browser(executable, **options))
        browsers[-1].open(path)
        return browsers[-1]

    yield open_page
    for browser in browsers:
        browser.close()
