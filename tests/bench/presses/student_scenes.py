"""Pages of students, each in the state in which its buttons write."""

from playwright.sync_api import Page

from tests.bench.presses.world import Open, World


def open_lesson(page: Page, world: World) -> None:
    """A lesson without camera, at a question that takes a number."""
    session = world.enter_shared(page)
    page.goto(f"{world.url}/sessions/{session}/")
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-without").click()
    page.wait_for_selector("lesson-step")
    page.locator("step-question input[type=text]").fill("5")


def open_hint(page: Page, world: World) -> None:
    open_lesson(page, world)
    page.get_by_test_id("ask-for-hint").click()
    page.wait_for_selector("#hint")


def open_last_step(page: Page, world: World) -> None:
    open_lesson(page, world)
    page.locator("step-question input[type=text]").fill("")
    while not page.get_by_test_id("finish").count():
        page.wait_for_timeout(600)
        page.get_by_test_id("next-step").click()


def answer_consent(page: Page) -> None:
    """Answer every question with yes; what is left is to save the answers."""
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-camera").click()
    page.wait_for_selector("consent-form .row")
    while not page.get_by_test_id("consent-agree").count():
        page.get_by_test_id("consent-yes").click()


def open_consent(page: Page, world: World) -> None:
    session = world.enter(page, "student")
    page.goto(f"{world.url}/sessions/{session}/")
    answer_consent(page)


def open_welcome(page: Page, world: World) -> None:
    session = world.enter_shared(page)
    page.goto(f"{world.url}/sessions/{session}/")
    page.wait_for_selector("[data-testid=begin]")


def open_camera_question(page: Page, world: World) -> None:
    open_welcome(page, world)
    page.get_by_test_id("begin").click()
    page.wait_for_selector("[data-testid=choose-without]")


def open_preview(page: Page, world: World) -> None:
    open_consent(page, world)
    page.get_by_test_id("consent-agree").click()
    page.wait_for_selector("[data-testid=preview-without]")


def open_consent_question(page: Page, world: World) -> None:
    open_camera_question(page, world)
    page.get_by_test_id("choose-camera").click()
    page.wait_for_selector("[data-testid=consent-yes]")


def open_consented_lesson(page: Page, world: World) -> None:
    open_preview(page, world)
    page.get_by_test_id("preview-without").click()
    page.wait_for_selector("[data-testid=withdraw]")
    page.wait_for_timeout(600)


def open_withdrawal(page: Page, world: World) -> None:
    open_consented_lesson(page, world)
    page.get_by_test_id("withdraw").click()
    page.wait_for_selector("[data-testid=withdraw-confirm]")


def open_my_data(page: Page, world: World) -> None:
    world.enter(page, "student")
    page.goto(f"{world.url}/my-data/")
    page.get_by_test_id("erase-sure").check()


def open_hint_of(kind: str) -> Open:
    """A hint as a rule offers it."""

    def open_scene(page: Page, world: World) -> None:
        session = world.enter_shared(page)
        world.offer_hint(page, session, kind)
        page.goto(f"{world.url}/sessions/{session}/")
        page.get_by_test_id("begin").click()
        page.get_by_test_id("choose-without").click()
        page.wait_for_selector("#hint")

    return open_scene


def open_paused_hints(page: Page, world: World) -> None:
    open_hint(page, world)
    page.get_by_test_id("hint-leave_me_alone").click()
    page.wait_for_selector("[data-testid=hints-again]:visible")
    page.wait_for_timeout(600)


def show_calibration(page: Page) -> None:
    """Show what the page hides where faces are no evidence in hints, as in the demonstration."""
    page.evaluate(
        """() => {
          const calibration = document.querySelector("camera-calibration");
          calibration.hidden = false;
          Object.defineProperty(calibration, "hidden", {set() {}});
        }"""
    )
    page.locator("[data-testid=camera-calibration] > summary").click()


def open_running_camera(page: Page, world: World) -> None:
    open_preview(page, world)
    page.locator("[data-testid=preview-start]:enabled").click()
    page.wait_for_selector("[data-testid=camera-pause]")
    show_calibration(page)
    page.wait_for_selector("[data-testid=calibration-start]")


def open_calibrated_camera(page: Page, world: World) -> None:
    session = enter_prepared(page, world)
    page.goto(f"{world.url}/sessions/{session}/")
    page.get_by_test_id("begin").click()
    page.locator("[data-testid=preview-start]:enabled").click()
    page.wait_for_selector("[data-testid=camera-pause]")
    show_calibration(page)
    page.wait_for_selector("[data-testid=calibration-reset]")


def enter_prepared(page: Page, world: World) -> str:
    """Enter as a learner with readings; return the session."""
    world.enter_shared(page)  # creates the session where there is none
    return world.enter_as(page, world.take("learner"), world.shared_session)


def open_own_page(page: Page, world: World) -> None:
    session = enter_prepared(page, world)
    page.goto(f"{world.url}/sessions/{session}/me/")
    page.wait_for_selector("[data-testid=support-yes]")


def open_shared_own_page(page: Page, world: World) -> None:
    open_own_page(page, world)
    page.get_by_test_id("support-yes").click()
    page.wait_for_selector("[data-testid=support-no]")
    page.wait_for_timeout(600)


def open_correction(page: Page, world: World) -> None:
    open_own_page(page, world)
    page.get_by_test_id("my-details").click()
    page.get_by_test_id("correction-changed").first.click()
    page.locator("input[name=said]").first.check()


def open_own_correction(page: Page, world: World) -> None:
    open_correction(page, world)
    page.get_by_test_id("correction-keep").click()
    said = page.get_by_test_id("correction-said").first
    said.filter(has_text="I was thinking").wait_for(state="attached")  # the page is built anew
    page.wait_for_timeout(600)
    if not page.get_by_test_id("correction-changed").first.is_visible():
        page.get_by_test_id("my-details").click()
    page.get_by_test_id("correction-changed").first.click()
    page.wait_for_selector("[data-testid=correction-back]")


def open_preferences(page: Page, world: World) -> None:
    world.enter(page, "student")
    page.goto(f"{world.url}/me/")
    page.wait_for_selector("[data-testid=profile-easy]")
