"""A headless Chromium for tests that need a browser. Without chromium, chromedriver and selenium they are skipped."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
DRIVER = ("chromedriver", "chromium-driver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--disable-ipc-flooding-protection",  # else 200 changes of the address in ten seconds are the most
)
PATIENCE = 20.0


class Browser:
    """One window: opens pages, tells what they asked of the network and what they wrote on the console."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.size(1280, 900)

    def size(self, width: int, height: int) -> None:
        self._cdp(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def media(self, theme: str = "light", media: str = "") -> None:
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self._cdp("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def scripts(self, on: bool) -> None:
        """Let pages run their scripts, or not; takes effect with the next page."""
        self._cdp("Emulation.setScriptExecutionDisabled", {"value": not on})

    def go(self, address: str) -> None:
        """Open an address anew, even if only what follows # differs."""
        self.driver.get("about:blank")
        self.messages()
        self.requests()
        self.driver.get(address)

    def report(self, path: Path, place: str = "") -> None:
        """Open a report and wait until its script is through."""
        self.go(path.as_uri() + (f"#{place}" if place else ""))
        self.wait("return document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, *arguments: Any) -> Any:
        """What the script gives as soon as it is true."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self.run(script, *arguments)
            if found:
                return found
            assert time.monotonic() < end, f"never came true: {script}"
            time.sleep(0.03)

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def click(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def choose(self, selector: str, value: str) -> None:
        """Give a box or a list a value, as if somebody had."""
        script = """
            const box = document.querySelector(arguments[0]);
            box.value = arguments[1];
            for (const name of ["input", "change"]) box.dispatchEvent(new Event(name, {bubbles: true}));
        """
        self.run(script, selector, value)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def focused(self) -> str:
        return str(self.run("return document.activeElement.id || document.activeElement.tagName"))

    def messages(self) -> list[str]:
        """What came on the console since the last call: errors and warnings, refusals of the policy among them."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]

    def requests(self) -> list[str]:
        """Addresses asked for since the last call, but those that the page's policy stopped."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        stopped = {
            event["params"]["requestId"]
            for event in events
            if event["method"] == "Network.loadingFailed" and event["params"].get("blockedReason") == "csp"
        }
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent" and event["params"]["requestId"] not in stopped
        ]

    def _cdp(self, command: str, parameters: dict[str, Any]) -> None:
        self.driver.execute_cdp_cmd(command, parameters)


def _find(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def window() -> Iterator[Browser]:
    pytest.importorskip("selenium", reason="selenium is not installed; pip install -e '.[dev]'")
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    program, helper = _find(CHROMIUM), _find(DRIVER)
    if not program or not helper:
        pytest.skip("no chromium and chromedriver found; on Debian: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = program
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(helper))
    driver.set_page_load_timeout(60)
    yield Browser(driver)
    driver.quit()


@pytest.fixture
def browser(window: Browser) -> Browser:
    """The window, wide and light, as every test begins."""
    window.size(1280, 900)
    window.media()
    return window
