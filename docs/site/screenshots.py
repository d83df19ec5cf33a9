"""Takes pictures of a site's pages in Chromium, light and dark, at the widths of a desk and of a telephone.

Usage: screenshots.py SITE DIRECTORY. Ends with 1 if a page is wider than its screen.
"""

import base64
import functools
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

WIDTHS = {1280: 900, 390: 844}
LONGEST = 2600  # of a picture, in pixels
PAGES = [
    "index",
    "tutorial/command",
    "tutorial/java",
    "howto/outputs",
    "howto/queue",
    "howto/test-your-code",
    "howto/sandboxes",
    "reference/command",
    "reference/outcomes",
    "reference/messages",
    "explanation/architecture",
    "explanation/performance",
    "explanation/limits-and-pitfalls",
]


class Browser:
    """Chromium, over the pipes of its debugging protocol: messages in JSON that end with a NUL."""

    def __init__(self, profile):
        down, self.input = os.pipe()
        self.output, up = os.pipe()

        def connect():
            # By way of high numbers, as one of the four may be 3 or 4 itself.
            reader, writer = os.dup2(down, 103), os.dup2(up, 104)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        self.process = subprocess.Popen(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                "--user-data-dir=" + profile,
                "about:blank",
            ],
            preexec_fn=connect,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        self.number = 0
        self.unread = b""

    def receive(self):
        while b"\0" not in self.unread:
            piece = os.read(self.output, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium ended")
            self.unread += piece
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self.input, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]

    def await_event(self, method):
        while self.receive().get("method") != method:
            pass

    def close(self):
        self.process.terminate()
        self.process.wait()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass


def main(site, directory):
    os.makedirs(directory, exist_ok=True)
    # By HTTP, as a page of a file may not start the search.
    handler = functools.partial(Quiet, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = "http://127.0.0.1:%d/" % server.server_address[1]
    too_wide = []
    for scheme in "light", "dark":
        # The site's pages keep the scheme that was chosen first: each has its own profile.
        with tempfile.TemporaryDirectory() as profile:
            browser = Browser(profile)
            try:
                too_wide += pictures(browser, scheme, address, directory)
            finally:
                browser.close()
    for line in too_wide:
        print("site: " + line, file=sys.stderr)
    return 1 if too_wide else 0


def pictures(browser, scheme, address, directory):
    too_wide = []
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser.call("Page.enable", session)
    preference = {"name": "prefers-color-scheme", "value": scheme}
    browser.call("Emulation.setEmulatedMedia", session, features=[preference])
    for width, height in WIDTHS.items():
        for page in PAGES:
            name = "%s-%d-%s.png" % (page.replace("/", "-"), width, scheme)
            resize(browser, session, width, height)
            browser.call("Page.navigate", session, url=address + page + ".html")
            browser.await_event("Page.loadEventFired")
            total = size(browser, session)
            # Not beyond the window, as that would scroll, which hides parts of the header.
            resize(browser, session, width, min(total["height"], LONGEST))
            size(browser, session)
            answer = browser.call("Page.captureScreenshot", session, format="png")
            with open(os.path.join(directory, name), "wb") as image:
                image.write(base64.b64decode(answer["data"]))
            if total["width"] > width:
                too_wide.append("%s is %d pixels wide" % (name, total["width"]))
    return too_wide


def resize(browser, session, width, height):
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        session,
        width=width,
        height=height,
        deviceScaleFactor=1,
        mobile=False,
    )


def size(browser, session):
    """Returns the page's size once its scripts and transitions have come to rest."""
    expression = """new Promise(done => setTimeout(() => done(JSON.stringify({
        width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight})), 500))"""
    answer = browser.call("Runtime.evaluate", session, expression=expression, awaitPromise=True)
    return json.loads(answer["result"]["value"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
