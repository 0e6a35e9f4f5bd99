"""Measure the first paint of each page on the sample: `python benchmarks/first_paint.py`.

Starts `pawl up --sample`, opens each page ten times in a fresh profile of Chromium, and prints
the median and the slowest time from navigation to the first contentful paint, in milliseconds.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request

from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ROUNDS = 10
MATURITY = ("/maturity", "/maturity/roadmap", "/maturity/trend", "/maturity/one-page")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
ANSWER = "performance.getEntriesByType('navigation')[0].responseEnd"


def main() -> None:
    """Print one line a page."""
    server = subprocess.Popen(
        [sys.executable, "-m", "pawl", "up", "--sample", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        run = _when_loaded(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=FLAGS
            )
            print(f"{'page':<20}{'median ms':>12}{'slowest ms':>12}{'answer ms':>12}")
            for path in ("/", "/runs", "/cost", f"/runs/{run}", *MATURITY):
                told = [_measured(browser, url + path) for _ in range(ROUNDS)]
                paints, answers = [a for a, _ in told], [b for _, b in told]
                name = path.replace(run, "{id}")
                print(
                    f"{name:<20}{statistics.median(paints):>12.0f}{max(paints):>12.0f}"
                    f"{statistics.median(answers):>12.0f}"
                )
            browser.close()
    finally:
        server.terminate()
        server.wait()


def _when_loaded(url: str) -> str:
    """Wait until the whole sample is in the store; return the id of a run."""
    while True:
        with urllib.request.urlopen(f"{url}/api/runs?outcome=stopped") as answer:
            told = json.load(answer)
        with urllib.request.urlopen(f"{url}/api/import-progress") as answer:
            state = json.load(answer)["progress"]["state"]
        if state == "done" and told["runs"]:
            return str(told["runs"][0]["run_id"])
        time.sleep(0.1)


def _measured(browser: Browser, url: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(url)
        page.wait_for_timeout(150)
        return float(page.evaluate(PAINT)), float(page.evaluate(ANSWER))
    finally:
        context.close()


if __name__ == "__main__":
    main()
