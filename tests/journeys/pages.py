"""Every page that a person can see, and the way to it; for looking at them all in all their clothes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.journeys import careful
from tests.journeys.careful import Careful
from tests.journeys.company import HASTY, LABORATORY, Company
from tests.journeys.person import People, Person
from tests.journeys.terminal import login, login_address
from tests.native.desk import Pkce, Wire
from tests.native.test_login_tokens import CROSS, Login
from tests.world import DEVELOPMENT, PRODUCTION

UPDATE_APP = f"/console/{PRODUCTION}/UpdateApp"
SAML = "Example Corp (SAML)"


@dataclass(frozen=True)
class Stage:
    """Who can be asked, and an empty home for a terminal."""

    people: People
    company: Company
    careful: Careful
    home: Path

    def signed_in(self, key: str, path: str = "/", status: int = 200) -> Person:
        person = self.people(key)
        person.open(path)
        person.sign_in(SAML, status)
        return person

    def at_the_company(self, *groups: str) -> Person:
        self.company.next_is(*groups)
        person = self.people("somebody", self.company.url)
        person.open("/")
        return person

    def at_the_careful(self, key: str, provider: str) -> Person:
        person = self.people(key, self.careful.url)
        person.open("/")
        person.sign_in(provider)
        return person


def open_everything(person: Person) -> None:
    closed = person.page.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()


def choose_a_provider(stage: Stage) -> Person:
    person = stage.people("alice")
    person.open("/")
    return person


def pick_a_person(stage: Stage) -> Person:
    person = choose_a_provider(stage)
    person.follow(person.page.get_by_role("link", name=SAML))
    return person


def no_role_and_no_group(stage: Stage) -> Person:
    return stage.signed_in("erin")


def no_role_with_groups(stage: Stage) -> Person:
    return stage.at_the_company("travel", "a-group-with-a-name-that-somebody-made-far-too-long-for-any-screen-2021-old")


def one_role(stage: Stage) -> Person:
    return stage.signed_in("bob")


def some_roles(stage: Stage) -> Person:
    return stage.signed_in("alice")


def many_roles(stage: Stage) -> Person:
    return stage.at_the_company("everything")


def a_search(stage: Stage) -> Person:
    person = many_roles(stage)
    person.open("/?q=payments+read")
    return person


def a_search_that_finds_nothing(stage: Stage) -> Person:
    person = some_roles(stage)
    person.open("/?q=administrator+of+staging")
    return person


def a_role(stage: Stage) -> Person:
    return stage.signed_in("alice", f"/roles/{PRODUCTION}/UpdateApp")


def a_role_that_does_not_work(stage: Stage) -> Person:
    person = stage.at_the_company("laboratory")
    person.open(f"/console/{LABORATORY}/Notebooks", 502)
    person.open("/")
    return person


def why_a_role_does_not_work(stage: Stage) -> Person:
    person = a_role_that_does_not_work(stage)
    person.follow(person.page.get_by_role("link", name="Why?"))
    return person


def set_up_a_terminal(stage: Stage) -> Person:
    person = stage.signed_in("alice", "/terminal")
    open_everything(person)
    return person


def set_up_a_terminal_for_many_roles(stage: Stage) -> Person:
    person = many_roles(stage)
    person.open("/terminal")
    return person


def set_up_a_terminal_for_some_of_many(stage: Stage) -> Person:
    person = many_roles(stage)
    person.open("/terminal?q=payments+read")
    return person


def set_up_a_terminal_without_roles(stage: Stage) -> Person:
    return stage.signed_in("erin", "/terminal")


def a_terminal_asks(stage: Stage) -> Person:
    return stage.signed_in("alice", login_address("alices-laptop"))


def an_aws_tool_asks(stage: Stage) -> Person:
    """`aws sso login`."""
    person = stage.people("alice")
    person.open(Pkce.of(Wire(person.gateway)).wish())
    person.sign_in(SAML)
    return person


def _aws_login(stage: Stage, key: str) -> Person:
    person = stage.people(key)
    person.open(Login(Wire(person.gateway)).wish())
    person.sign_in(SAML)
    return person


def aws_login_asks(stage: Stage) -> Person:
    return _aws_login(stage, "alice")


def aws_login_finds_no_role(stage: Stage) -> Person:
    return _aws_login(stage, "erin")


def aws_login_asks_from_elsewhere(stage: Stage) -> Person:
    person = stage.people("alice")
    back = f"{person.gateway}/v1/sessions/confirmation"
    person.open(Login(Wire(person.gateway)).wish(client_id=CROSS, redirect_uri=back))
    person.sign_in(SAML)
    return person


def aws_login_shows_its_code(stage: Stage) -> Person:
    person = aws_login_asks_from_elsewhere(stage)
    person.page.get_by_label("Role").select_option(index=1)
    person.click("Yes, show me the code for my terminal")
    return person


def aws_login_is_declined(stage: Stage) -> Person:
    person = aws_login_asks_from_elsewhere(stage)
    person.click("No, decline")
    return person


def a_terminal_is_signed_in(stage: Stage) -> Person:
    """The page that the terminal itself serves."""
    person = stage.people("alice")
    with login(stage.home, person.gateway) as terminal:
        person.open(terminal.address)
        person.sign_in(SAML)
        person.click("Sign this terminal in")
    return person


def signed_out_as_the_provider_confirms(stage: Stage) -> Person:
    person = stage.at_the_careful("bob", careful.SAML)
    person.click_to_tab("Open console as ReadOnly in Production")
    person.leave()
    return person


def signed_out_and_the_provider_says_nothing(stage: Stage) -> Person:
    person = stage.at_the_careful("bob", careful.OIDC)
    person.leave()
    return person


def still_signed_in(stage: Stage) -> Person:
    person = some_roles(stage)
    person.open("/signout")
    return person


def choose_by_email(stage: Stage) -> Person:
    person = stage.people("carla", stage.careful.url)
    person.open("/signin")
    return person


def choose_with_an_address_of_nobody(stage: Stage) -> Person:
    person = choose_by_email(stage)
    person.page.get_by_role("textbox", name="Your work e-mail").fill("carla@example.org")
    person.click("Continue")
    return person


def choose_again(stage: Stage) -> Person:
    person = signed_out_and_the_provider_says_nothing(stage)
    person.click("Sign in again")
    return person


def confirm_that_it_is_you(stage: Stage) -> Person:
    person = stage.at_the_careful("carla", careful.SAML)
    person.open(f"/console/{DEVELOPMENT}/Admin", 401)
    return person


def is_this_you(stage: Stage) -> Person:
    person = stage.at_the_careful("bob", careful.OIDC)
    person.page.set_content(careful.html_that_posts(*stage.careful.unasked()))
    person.page.get_by_role("button", name="Open AWS").click()
    person.page.wait_for_url("**/signin/resume?ticket=*")
    return person


def bad_request(stage: Stage) -> Person:
    return stage.signed_in("alice", f"{UPDATE_APP}?destination=https://evil.example/", 400)


def refused_sign_in(stage: Stage) -> Person:
    person = stage.people("alice")
    person.open("/signin/corp-oidc/callback?state=none&code=none", 400)
    return person


def no_groups_claim(stage: Stage) -> Person:
    return stage.signed_in("dan", "/", 403)


def role_not_given(stage: Stage) -> Person:
    return stage.signed_in("bob", UPDATE_APP, 403)


def nothing_there(stage: Stage) -> Person:
    person = stage.people("alice")
    person.open("/nothing/here", 404)
    return person


def too_often(stage: Stage) -> Person:
    stage.company.exhaust_sign_ins()
    person = stage.people("somebody", stage.company.url)
    person.context.set_extra_http_headers({"X-Forwarded-For": HASTY})
    person.open("/signin/northwind", 429)
    return person


def aws_is_away(stage: Stage) -> Person:
    person = many_roles(stage)
    person.open(f"/console/{PRODUCTION}/UpdateApp", 503)
    return person


def administration(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin")


def accounts(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/aws")


def what_aws_must_know(stage: Stage) -> Person:
    person = stage.signed_in("carla", f"/admin/aws/{PRODUCTION}")
    open_everything(person)
    return person


def identity_providers(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/providers")


def activity(stage: Stage) -> Person:
    some_roles(stage).open(UPDATE_APP)
    person = stage.signed_in("carla", "/admin/activity?name=alice&kind=credentials.issued")
    for _ in range(200):
        if person.page.locator("ul.events").count():
            break
        person.page.wait_for_timeout(200)
        person.open("/admin/activity?name=alice&kind=credentials.issued")
    person.open("/admin/activity")
    return person


def activity_searched(stage: Stage) -> Person:
    person = activity(stage)
    person.open("/admin/activity?name=alice&kind=credentials.issued")
    return person


def activity_with_a_mistake(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/activity?account=12&from=yesterday&kind=x&address=%21")


def activity_of_nobody(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/activity?name=somebody-who-was-never-here")


def an_event(stage: Stage) -> Person:
    person = activity_searched(stage)
    person.follow(person.page.locator("ul.events h2 a").first)
    return person


def people_signed_in(stage: Stage) -> Person:
    person = activity(stage)
    person.open("/admin/people")
    return person


def nobody_of_that_name(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/people?q=somebody-who-was-never-here")


def a_person(stage: Stage) -> Person:
    person = activity(stage)
    person.open("/admin/people?q=alice")
    person.follow(person.page.locator("main ul.roles h3 a").first)
    return person


def end_everything(stage: Stage) -> Person:
    person = a_person(stage)
    person.click("End everything")
    return person


def the_doctors_list(stage: Stage) -> Person:
    return stage.signed_in("carla", "/admin/doctor")


def a_role_that_the_doctor_cannot_see(stage: Stage) -> Person:
    person = stage.signed_in("carla", f"/admin/doctor/{PRODUCTION}/UpdateApp")
    person.follow(person.page.get_by_role("button", name="Look again"))
    return person


def a_sound_role(stage: Stage) -> Person:
    person = stage.signed_in("carla", f"/admin/doctor/{DEVELOPMENT}/Admin")
    person.follow(person.page.get_by_role("button", name="Look again"))
    return person


def a_trust_policy_with_faults(stage: Stage) -> Person:
    """Pasted: everybody is let in, and the gateway is not."""
    person = stage.signed_in("carla", f"/admin/doctor/{PRODUCTION}/UpdateApp")
    if not person.page.get_by_label("A trust policy for this role").is_visible():
        person.page.locator("summary", has_text="Examine a document").click()
    faulty = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}'
    person.page.get_by_label("A trust policy for this role").fill(faulty)
    person.follow(person.page.get_by_role("button", name="Examine"))
    return person


def why_a_role_is_mine(stage: Stage) -> Person:
    person = a_role(stage)
    person.click("Why do I have this role?")
    return person


def why_a_role_is_not_mine(stage: Stage) -> Person:
    person = stage.signed_in("bob", UPDATE_APP, 403)
    person.click("Why not, and whom to ask")
    return person


def why_there_is_no_such_role(stage: Stage) -> Person:
    return stage.signed_in("bob", f"/why/{PRODUCTION}/NoSuchRole")


def why_of_anybody(stage: Stage) -> Person:
    one_role(stage)
    person = stage.signed_in("carla", "/admin/why")
    person.page.get_by_label("Person").fill("bob")
    person.page.get_by_label("Role").fill("update production")
    person.click("Ask")
    return person


def why_choose(stage: Stage) -> Person:
    some_roles(stage)
    one_role(stage)
    return stage.signed_in("carla", "/admin/why?person=example&role=production")


def not_an_administrator(stage: Stage) -> Person:
    return stage.signed_in("alice", "/admin", 403)


def local_console(stage: Stage) -> Person:
    return stage.signed_in(
        "alice", f"{UPDATE_APP}?destination=https://eu-west-1.console.aws.amazon.com/s3/buckets/productionapp"
    )


PAGES: tuple[Callable[[Stage], Person], ...] = (
    choose_a_provider,
    pick_a_person,
    no_role_and_no_group,
    no_role_with_groups,
    one_role,
    some_roles,
    many_roles,
    a_search,
    a_search_that_finds_nothing,
    a_role,
    a_role_that_does_not_work,
    why_a_role_does_not_work,
    set_up_a_terminal,
    set_up_a_terminal_for_many_roles,
    set_up_a_terminal_for_some_of_many,
    set_up_a_terminal_without_roles,
    a_terminal_asks,
    an_aws_tool_asks,
    aws_login_asks,
    aws_login_finds_no_role,
    aws_login_asks_from_elsewhere,
    aws_login_shows_its_code,
    aws_login_is_declined,
    a_terminal_is_signed_in,
    signed_out_as_the_provider_confirms,
    signed_out_and_the_provider_says_nothing,
    still_signed_in,
    choose_by_email,
    choose_with_an_address_of_nobody,
    choose_again,
    confirm_that_it_is_you,
    is_this_you,
    bad_request,
    refused_sign_in,
    no_groups_claim,
    role_not_given,
    nothing_there,
    too_often,
    aws_is_away,
    administration,
    accounts,
    what_aws_must_know,
    identity_providers,
    activity,
    activity_searched,
    activity_with_a_mistake,
    activity_of_nobody,
    an_event,
    people_signed_in,
    nobody_of_that_name,
    a_person,
    end_everything,
    the_doctors_list,
    a_role_that_the_doctor_cannot_see,
    a_sound_role,
    a_trust_policy_with_faults,
    why_a_role_is_mine,
    why_a_role_is_not_mine,
    why_there_is_no_such_role,
    why_of_anybody,
    why_choose,
    not_an_administrator,
    local_console,
)
