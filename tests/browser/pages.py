"""Drives the pages of a running vitald in Chromium, as somebody without a mouse would see them.

Sign-up, log-in, consent, revocation, the developer dashboard and the end of an account. Nothing is
looked at that the tests of the server see better; this is about what only a real browser does.

Usage: python pages.py FILE CHROMIUM CHROMEDRIVER, where FILE holds the line `vitald demo --json`
prints.
"""

import json
import os
import secrets
import shutil
import sys
import tempfile
import traceback
from urllib.parse import parse_qs, urlencode, urlsplit

os.environ["NO_PROXY"] = "127.0.0.1,localhost"

from selenium import webdriver  # noqa: E402 - it reads the environment set above
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

WAIT_SECONDS_MAX = 30
PHONE_WIDTH = 320
PASSWORD = "correct horse bättery"
NEW_PASSWORD = "another one, longer"


class Trial:
    """The browser, and what earlier steps obtained."""

    def __init__(self, account, driver):
        self.account = account
        self.base_url = account["base_url"].rstrip("/")
        self.driver = driver
        self.email = f"{secrets.token_hex(8)}@example.org"
        self.secret = None

    def open(self, path):
        self.driver.get(self.base_url + path)

    def path(self):
        return urlsplit(self.driver.current_url).path

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.driver.find_element(By.NAME, name)
            field.clear()
            field.send_keys(value)

    def press(self, label):
        """Presses the button of that label and waits for the page that comes."""
        buttons = self.driver.find_elements(By.TAG_NAME, "button")
        button = next((one for one in buttons if one.text == label), None)
        assert button, f"no button {label!r} among {[one.text for one in buttons]}"
        self.leave(lambda: button.click(), button)

    def follow(self, label):
        link = self.driver.find_element(By.LINK_TEXT, label)
        self.leave(lambda: link.click(), link)

    def leave(self, action, element):
        action()

        def is_gone(_):
            try:
                element.is_enabled()
            except Exception:  # noqa: BLE001 - however the driver says that the page is gone
                return True
            return False

        WebDriverWait(self.driver, WAIT_SECONDS_MAX).until(is_gone)

    def authorize_address(self):
        asked = {
            "response_type": "code",
            "client_id": self.account["client_id"],
            "redirect_uri": self.account["redirect_uri"],
            "scope": "user.info,user.metrics",
            "state": "a-state & more",
        }
        return "/oauth2_user/authorize2?" + urlencode(asked)


# The steps. Each is one thing a person does; they run in this order.


def the_front_page_leads_to_the_sign_up(trial):
    trial.open("/")
    trial.follow("Sign up")
    assert trial.path() == "/account/sign-up", trial.driver.current_url


def somebody_signs_up(trial):
    trial.fill(email=trial.email, password=PASSWORD, time_zone="Europe/Paris")
    trial.press("Sign up")
    assert trial.path() == "/account", trial.driver.current_url
    assert trial.email in trial.text()


def the_cookie_is_kept_from_scripts_and_other_sites(trial):
    cookie = trial.driver.get_cookie("vitald")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax", cookie


def they_log_out_and_in_again(trial):
    trial.press("Log out")
    assert trial.path() == "/account/log-in", trial.driver.current_url
    trial.fill(email=trial.email, password="not the password")
    trial.press("Log in")
    assert "do not belong together" in trial.text()
    trial.fill(password=PASSWORD)
    trial.press("Log in")
    assert trial.email in trial.text()


def a_program_is_let_see_something(trial):
    trial.open(trial.authorize_address())
    assert "See your devices and goals" in trial.text()
    trial.press("Allow")
    arrived = trial.driver.current_url
    assert arrived.startswith(trial.account["redirect_uri"]), arrived
    given = parse_qs(urlsplit(arrived).query)
    assert given["state"] == ["a-state & more"] and given["code"][0], arrived
    trial.code = given["code"][0]


def the_code_works(trial):
    # The browser itself sends the call: any program would do.
    import urllib.request

    fields = {
        "action": "requesttoken",
        "grant_type": "authorization_code",
        "client_id": trial.account["client_id"],
        "client_secret": trial.account["client_secret"],
        "code": trial.code,
        "redirect_uri": trial.account["redirect_uri"],
    }
    body = urlencode(fields).encode()
    with urllib.request.urlopen(trial.base_url + "/v2/oauth2", body, WAIT_SECONDS_MAX) as answer:
        assert json.load(answer)["status"] == 0


def the_program_is_listed_and_stopped(trial):
    trial.open("/account/applications")
    assert "Demo application" in trial.text()
    trial.press("Stop Demo application")
    assert trial.path() == "/account/applications", trial.driver.current_url
    assert "Demo application" not in trial.text()


def a_profile_is_saved(trial):
    trial.open("/account/profile")
    trial.fill(short_name="ZOE", height="1.78", steps="10000", weight="65.5")
    trial.press("Save")
    assert "Saved." in trial.text()
    assert trial.driver.find_element(By.NAME, "weight").get_attribute("value") == "65.5"


def a_wrong_field_is_marked(trial):
    trial.fill(time_zone="Mars/Olympus")
    trial.press("Save")
    field = trial.driver.find_element(By.NAME, "time_zone")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    texts = [trial.driver.find_element(By.ID, one).text for one in described]
    assert any("time zone database" in text for text in texts), texts


def every_page_fits_a_phone(trial):
    paths = ["/account", "/account/profile", "/account/password", "/account/applications"]
    paths += ["/account/delete", "/developer", "/developer/new", "/developer/sandbox"]
    for path in paths + ["/developer/sandbox/faults", "/"]:
        trial.open(path)
        root = trial.driver.find_element(By.TAG_NAME, "html")
        main = trial.driver.find_element(By.TAG_NAME, "main")
        assert root.size["width"] <= PHONE_WIDTH, f"{path}: {root.size}"
        for one in main.find_elements(By.CSS_SELECTOR, "input, select, textarea, button, p, h1"):
            right = one.rect["x"] + one.rect["width"]
            assert right <= PHONE_WIDTH, f"{path}: {one.tag_name} ends at {right}"


def the_keyboard_reaches_the_content_first(trial):
    trial.open("/account")
    trial.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    focused = trial.driver.switch_to.active_element
    assert focused.text == "Skip to the content", focused.text
    assert focused.rect["x"] >= 0, "it cannot be seen"


def an_application_is_registered(trial):
    trial.open("/developer/new")
    trial.fill(name="Step Counter", redirect_uris="https://program.example/callback")
    trial.press("Register")
    trial.secret = trial.driver.find_element(By.ID, "client-secret").text
    assert len(trial.secret) == 64
    trial.follow("To the application")
    assert trial.secret not in trial.driver.page_source


def its_secret_is_replaced(trial):
    trial.press("Make a new secret")
    renewed = trial.driver.find_element(By.ID, "client-secret").text
    assert len(renewed) == 64 and renewed != trial.secret
    assert "24 more hours" in trial.text()


def the_clock_is_turned_and_its_owner_stays(trial):
    trial.open("/developer/sandbox")
    before = trial.driver.find_element(By.TAG_NAME, "time").text
    trial.press("Let it stand still")
    trial.press("+ 1 day")
    assert "The clock is turned." in trial.text()
    after = trial.driver.find_element(By.TAG_NAME, "time").text
    assert after > before, (before, after)
    # The buttons have hidden fields of that name.
    trial.driver.find_element(By.ID, "advance").send_keys("soon")
    trial.press("Turn")
    field = trial.driver.find_element(By.ID, "advance")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("value") == "soon"
    trial.press("Let it go on")


def something_goes_wrong_and_right_again(trial):
    trial.follow("Let something go wrong")
    button = trial.driver.find_element(By.CSS_SELECTOR, "[value='token.race']")
    trial.leave(lambda: button.click(), button)
    assert "refresh-race of token.race" in trial.text()
    trial.press("Take out")
    assert "It goes right again." in trial.text()


def the_password_is_changed(trial):
    trial.open("/account/password")
    trial.fill(old_password=PASSWORD, new_password=NEW_PASSWORD)
    before = trial.driver.get_cookie("vitald")["value"]
    trial.press("Change it")
    assert trial.driver.get_cookie("vitald")["value"] != before
    trial.open("/account")
    assert trial.email in trial.text()


def the_account_is_deleted(trial):
    trial.open("/account/delete")
    trial.fill(password=NEW_PASSWORD)
    trial.press("Delete my account and all of my data")
    assert "Everything about you is gone" in trial.text()
    assert trial.driver.get_cookie("vitald") is None
    trial.open("/account")
    assert trial.path() == "/account/log-in", trial.driver.current_url
    trial.fill(email=trial.email, password=NEW_PASSWORD)
    trial.press("Log in")
    assert "do not belong together" in trial.text()


STEPS = (
    the_front_page_leads_to_the_sign_up,
    somebody_signs_up,
    the_cookie_is_kept_from_scripts_and_other_sites,
    they_log_out_and_in_again,
    a_program_is_let_see_something,
    the_code_works,
    the_program_is_listed_and_stopped,
    a_profile_is_saved,
    a_wrong_field_is_marked,
    every_page_fits_a_phone,
    the_keyboard_reaches_the_content_first,
    an_application_is_registered,
    its_secret_is_replaced,
    the_clock_is_turned_and_its_owner_stays,
    something_goes_wrong_and_right_again,
    the_password_is_changed,
    the_account_is_deleted,
)


def chromium(program, driver_program, profile):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which(program)
    for argument in (
        "--headless=new",
        # A container has no name space of its own to give, and little shared memory.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--no-proxy-server",
        f"--user-data-dir={profile}",
        f"--window-size={PHONE_WIDTH},700",
    ):
        options.add_argument(argument)
    options.add_experimental_option("mobileEmulation", {
        "deviceMetrics": {"width": PHONE_WIDTH, "height": 700, "pixelRatio": 1.0},
    })
    service = webdriver.ChromeService(executable_path=shutil.which(driver_program))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(WAIT_SECONDS_MAX)
    driver.command_executor.client_config.timeout = 2 * WAIT_SECONDS_MAX
    return driver


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        account = json.load(file)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vitald-chromium-", ignore_cleanup_errors=True) as home:
        driver = chromium(sys.argv[2], sys.argv[3], home)
        try:
            trial = Trial(account, driver)
            for step in STEPS:
                try:
                    step(trial)
                    print(f"ok {step.__name__}", flush=True)
                except Exception:  # noqa: BLE001 - every step is told, whatever went wrong in it
                    failed += 1
                    print(f"FAILED {step.__name__} at {driver.current_url}", flush=True)
                    traceback.print_exc()
        finally:
            driver.quit()
    print(f"{len(STEPS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
