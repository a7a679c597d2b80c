"""The person whose data a program wants, with a browser: logs in, presses "allow", and is sent back.

The browser is a small one that keeps cookies, follows redirects inside the server and submits the
forms it is shown as a real one would. It needs nothing beyond Python's own library, so that the
programs under test keep the environment their own packages ask for.

As a command, for drivers in other languages: `python person.py FILE URL` prints the code with which
the person comes back; FILE holds the line `vitald demo --json` prints.
"""

import json
import sys
import urllib.error
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

REQUEST_SECONDS_MAX = 30
REDIRECTS_MAX = 10
REDIRECTS = (301, 302, 303, 307, 308)


class Form:
    """One form of a page, filled in as the page gave it."""

    def __init__(self, attributes):
        self.action = attributes.get("action") or ""
        self.method = (attributes.get("method") or "get").upper()
        self.fields = {}
        self.pressed = False

    def add(self, tag, attributes):
        kind = (attributes.get("type") or ("submit" if tag == "button" else "text")).lower()
        name, value = attributes.get("name"), attributes.get("value")
        if kind in ("submit", "image"):
            # A browser sends the one button that was pressed: here, the first.
            pressed_before, self.pressed = self.pressed, True
            if pressed_before:
                return
        elif kind in ("checkbox", "radio"):
            if "checked" not in attributes:
                return
            value = "on" if value is None else value
        elif kind in ("button", "reset", "file"):
            return
        if name:
            self.fields[name] = value or ""


class FormReader(HTMLParser):
    """Collects the forms of a page, in the order they stand in."""

    def __init__(self):
        super().__init__()
        self.forms = []
        self.open = None

    def handle_starttag(self, tag, attrs):
        if tag == "form":
            self.open = Form(dict(attrs))
            self.forms.append(self.open)
        elif tag in ("input", "button") and self.open is not None:
            self.open.add(tag, dict(attrs))

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


class Page:
    """What the server answered."""

    def __init__(self, answer):
        self.url = answer.url
        self.status = answer.status
        self.headers = answer.headers
        self.text = answer.read().decode("utf-8", "replace")


class Stay(urllib.request.HTTPRedirectHandler):
    """Leaves every redirect to the browser below."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Keeps cookies, follows redirects inside the server, and never leaves it."""

    def __init__(self, base_url):
        self.base_url = base_url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, Stay())
        self.page = None
        self.left_for = None

    def open(self, url):
        self._go("GET", url, None, {})

    def forms(self):
        page = self.page
        assert page.status == 200, f"{page.url} answers {page.status}: {page.text[:300]}"
        reader = FormReader()
        reader.feed(page.text)
        assert reader.forms, f"no form on {page.url}: {page.text[:300]}"
        return reader.forms

    def submit(self, form, **typed):
        """Submits a form as the page's own: with the headers a browser adds to such a request."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        if self.page.headers.get("Referrer-Policy") == "no-referrer":
            headers["Origin"] = "null"
        else:
            headers["Origin"] = origin(self.page.url)
            headers["Referer"] = self.page.url
        url = urljoin(self.page.url, form.action)
        self._go(form.method, url, {**form.fields, **typed}, headers)

    def _go(self, method, url, fields, headers):
        for _ in range(REDIRECTS_MAX):
            self.page = self._ask(method, url, fields, headers)
            if self.page.status not in REDIRECTS:
                return
            url = urljoin(url, self.page.headers["Location"])
            if origin(url) != origin(self.base_url):
                self.left_for = url
                assert self.page.status in (302, 303), f"left with {self.page.status}"
                return
            if self.page.status in (301, 302, 303):
                method, fields = "GET", None
        raise AssertionError(f"more than {REDIRECTS_MAX} redirects, last to {url}")

    def _ask(self, method, url, fields, headers):
        body = None
        if fields and method == "POST":
            body = urlencode(fields).encode()
        elif fields:
            url += ("&" if urlsplit(url).query else "?") + urlencode(fields)
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            return Page(self.opener.open(request, timeout=REQUEST_SECONDS_MAX))
        except urllib.error.HTTPError as refused:
            return Page(refused)


def origin(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def log_in(account, browser, authorize_url):
    """Opens the address a program sends the person to, and logs in."""
    browser.open(authorize_url)
    login = next((form for form in browser.forms() if "password" in form.fields), None)
    assert login is not None and "email" in login.fields, "the first page is not the login page"
    browser.submit(login, email=account["email"], password=account["password"])
    assert not browser.left_for, "no consent was asked for"
    assert "password" not in browser.forms()[0].fields, "the right password was refused"


def allow(account, browser, authorize_url):
    """Presses "allow" on the consent page shown, and gives the code the program would receive."""
    redirect_uri = account["redirect_uri"]
    browser.submit(browser.forms()[0])
    assert browser.left_for, f"allowing shows {browser.page.url}: {browser.page.text[:300]}"
    arrived = urlsplit(browser.left_for)
    assert browser.left_for.startswith(redirect_uri), browser.left_for
    given = parse_qs(arrived.query, strict_parsing=True)
    asked = parse_qs(urlsplit(authorize_url).query)
    assert given["state"] == asked["state"], f"state {asked['state']} came back {given['state']}"
    assert len(given["code"]) == 1 and given["code"][0]
    return given["code"][0]


def consent(account, authorize_url):
    """The whole way, from a program's address to the code it receives."""
    browser = Browser(account["base_url"])
    log_in(account, browser, authorize_url)
    return allow(account, browser, authorize_url)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as demo:
        print(consent(json.load(demo), sys.argv[2]))
