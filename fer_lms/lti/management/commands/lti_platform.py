import json
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.audit.actions import record_event
from fer_lms.lti.models import LtiContext, Platform
from fer_lms.lti.protocol.tool_keys import rotate_keys
from fer_lms.lti.registration.description import Addresses, canvas_configuration
from fer_lms.lti.registration.platforms import (
    NotAPlatform,
    PlatformFacts,
    add_deployment,
    add_page_origin,
    add_platform,
    canvas_facts,
    lacks_page_origin,
    moodle_facts,
    remove_platform,
    switch_platform,
)
from fer_lms.lti.registration.registrations import make_invite
from fer_lms.lti.services.rosters import try_roster

OTHER = ("issuer", "auth_login_url", "auth_token_url", "key_set_url")


class Command(BaseCommand):
    help = "Registers, lists and removes learning platforms; prints what their LMS has to know."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public-url", default="", help="where people reach us; else FER_PUBLIC_URL"
        )
        commands = parser.add_subparsers(dest="command", required=True)
        _add_arguments(commands.add_parser("add", help="register a platform by hand"))
        commands.add_parser("list", help="platforms, their state and their deployments")
        commands.add_parser("paste", help="what to enter in Moodle and in Canvas")
        commands.add_parser("rotate-keys", help="our next key signs from now on, a new one waits")
        invite = commands.add_parser("invite", help="a registration address, good for one hour")
        invite.add_argument("--local", action="store_true", help="the LMS is in our own network")
        invite.add_argument(
            "--page-origin", default="", help="where people see the LMS; Canvas: the school's own"
        )
        for name, text in (
            ("on", "confirm a platform: launches are accepted"),
            ("off", "accept no launches any more"),
            ("remove", "forget a platform; courses and people stay"),
            ("sync", "synchronise the members of its courses now"),
        ):
            commands.add_parser(name, help=text).add_argument("platform", type=int)
        deploy = commands.add_parser("deployment", help="add a deployment id")
        deploy.add_argument("platform", type=int)
        deploy.add_argument("deployment_id")
        origin = commands.add_parser("origin", help="add an address whose pages may show ours")
        origin.add_argument("platform", type=int)
        origin.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['command'].replace('-', '_')}")(options)
        except NotAPlatform as error:
            raise CommandError(str(error)) from error

    def _add(self, options: dict[str, Any]) -> None:
        platform = add_platform(
            facts=_with_origins(_facts(options), options["page_origin"]),
            active=not options["inactive"],
            actor=None,
            deployment_ids=options["deployment_id"],
        )
        self._show(platform)
        self._paste(options)

    def _list(self, options: dict[str, Any]) -> None:
        platforms = Platform.objects.order_by("pk")
        if not platforms:
            self.stdout.write("No platform is registered: `lti_platform invite` or `add`.")
        for platform in platforms:
            self._show(platform)

    def _paste(self, options: dict[str, Any]) -> None:
        ours = self._ours(options)
        rows = [
            ("Tool URL, Redirection URI", "Target Link URI, Redirect URIs", ours.launch),
            ("Initiate login URL", "OpenID Connect Initiation Url", ours.login),
            ("Public keyset (Keyset URL)", "Public JWK URL", ours.key_set),
        ]
        self.stdout.write("Enter in the LMS (LTI 1.3):")
        for moodle, canvas, value in rows:
            self.stdout.write(f"  Moodle: {moodle}\n  Canvas: {canvas}\n    {value}")
        self.stdout.write("  Names and roles: yes. Grades: no. Name: yes. E-mail: no.")
        self.stdout.write("Canvas, as JSON:")
        self.stdout.write(json.dumps(canvas_configuration(ours), indent=2))

    def _invite(self, options: dict[str, Any]) -> None:
        ours = self._ours(options)
        secret = make_invite(
            actor=None, local=options["local"], page_address=options["page_origin"]
        )
        self.stdout.write(f"{ours.register}?invite={secret}")
        self.stdout.write("Works once, within an hour. Then: lti_platform list, lti_platform on N.")

    def _rotate_keys(self, options: dict[str, Any]) -> None:
        key = rotate_keys()
        record_event(actor=None, action="lti.keys_rotated", details={"kid": key.kid})
        self.stdout.write(f"{key.kid} signs from now on; the one before stays published for a day.")

    def _on(self, options: dict[str, Any]) -> None:
        platform = self._platform(options)
        switch_platform(platform=platform, active=True, actor=None)
        self._say_what_lacks(platform)

    def _off(self, options: dict[str, Any]) -> None:
        switch_platform(platform=self._platform(options), active=False, actor=None)

    def _remove(self, options: dict[str, Any]) -> None:
        remove_platform(platform=self._platform(options), actor=None)

    def _deployment(self, options: dict[str, Any]) -> None:
        add_deployment(
            platform=self._platform(options), deployment_id=options["deployment_id"], actor=None
        )

    def _origin(self, options: dict[str, Any]) -> None:
        platform = self._platform(options)
        add_page_origin(platform=platform, address=options["address"], actor=None)

    def _sync(self, options: dict[str, Any]) -> None:
        contexts = LtiContext.objects.select_related("deployment__platform", "course").filter(
            deployment__platform=self._platform(options)
        )
        failed = 0
        for context in contexts.exclude(memberships_url="").order_by("pk"):
            counts = try_roster(context=context)
            context.refresh_from_db()
            failed += counts is None
            self.stdout.write(f"course {context.course_id}: {counts or context.roster_error}")
        if failed:
            raise CommandError(f"{failed} courses could not be synchronised.")

    def _show(self, platform: Platform) -> None:
        state = "on" if platform.active else "OFF: look at it, then lti_platform on"
        self.stdout.write(f"{platform.pk}: {platform.name} ({state})")
        for name in ("issuer", "client_id", "auth_login_url", "auth_token_url", "key_set_url"):
            self.stdout.write(f"    {name}: {getattr(platform, name)}")
        deployments = platform.deployments.order_by("pk").values_list("deployment_id", flat=True)
        self.stdout.write(f"    deployments: {', '.join(deployments) or 'none: nobody can enter'}")
        self.stdout.write(f"    may frame our pages: {', '.join(platform.frame_origins)}")
        self._say_what_lacks(platform)

    def _say_what_lacks(self, platform: Platform) -> None:
        if lacks_page_origin(platform):
            self.stdout.write(
                "    Its own pages are not among them, so frames stay empty: "
                f"lti_platform origin {platform.pk} https://school.instructure.com"
            )

    def _platform(self, options: dict[str, Any]) -> Platform:
        found = Platform.objects.filter(pk=options["platform"]).first()
        if found is None:
            raise CommandError("There is no such platform; see lti_platform list.")
        return found

    def _ours(self, options: dict[str, Any]) -> Addresses:
        origin = options["public_url"].rstrip("/") or settings.PUBLIC_URL
        if not origin:
            raise CommandError("Set FER_PUBLIC_URL, or give --public-url https://host first.")
        return Addresses(origin)


def _add_arguments(add: CommandParser) -> None:
    add.add_argument("--kind", choices=["moodle", "canvas", "other"], required=True)
    add.add_argument("--url", help="Moodle, Canvas: the address of its start page")
    add.add_argument("--client-id", required=True)
    add.add_argument("--deployment-id", action="append", default=[])
    add.add_argument("--name", default="")
    for name in (*OTHER, "token_audience"):
        add.add_argument(f"--{name.replace('_', '-')}", default="")
    add.add_argument(
        "--page-origin", action="append", default=[], help="further origin that may frame us"
    )
    add.add_argument("--local", action="store_true", help="plain http and private addresses")
    add.add_argument("--inactive", action="store_true", help="switch it on later")


def _facts(options: dict[str, Any]) -> PlatformFacts:
    common = {name: options[name] for name in ("client_id", "name", "local")}
    if options["kind"] != "other" and not options["url"]:
        raise CommandError("--url is missing.")
    if options["kind"] == "moodle":
        return moodle_facts(url=options["url"], **common)
    if options["kind"] == "canvas":
        return canvas_facts(url=options["url"], issuer=options["issuer"], **common)
    return PlatformFacts(
        **common | {"name": options["name"] or options["issuer"]},
        **{name: options[name] for name in OTHER},
        token_audience=options["token_audience"],
    )


def _with_origins(facts: PlatformFacts, origins: list[str]) -> PlatformFacts:
    return replace(facts, page_origins=[*facts.page_origins, *origins])
