import json
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.audit.actions import record_event
from fer_lms.environment import is_address
from fer_lms.lti.models import LtiContext, Platform
from fer_lms.lti.protocol.tool_keys import rotate_keys
from fer_lms.lti.registration.dynamic import create_invite
from fer_lms.lti.registration.platforms import (
    InvalidPlatformError,
    PlatformConfig,
    add_deployment,
    add_page_origin,
    add_platform,
    fill_platform_urls,
    is_page_origin_missing,
    remove_platform,
    set_platform_active,
)
from fer_lms.lti.registration.tool_configuration import ToolUrls, build_canvas_configuration
from fer_lms.lti.services.rosters import try_sync_roster
from inference.command_line import add_examples, parse_positive_count

URL_OPTIONS = ("issuer", "auth_login_url", "auth_token_url", "key_set_url", "token_audience")
CONFIG_OPTIONS = ("client_id", "name", "local", *URL_OPTIONS)


class Command(BaseCommand):
    help = "Registers, lists and removes learning platforms; prints the values for their LMS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public-url", default="", help="address of this installation; default: FER_PUBLIC_URL"
        )
        commands = parser.add_subparsers(dest="command", required=True)
        _add_platform_arguments(commands.add_parser("add", help="register a platform by hand"))
        listing = commands.add_parser("list", help="platforms, their state and their deployments")
        listing.add_argument("--json", action="store_true", help="print them as JSON")
        commands.add_parser("paste", help="what to enter in Moodle and in Canvas")
        commands.add_parser("rotate-keys", help="sign with the next key and create a new next one")
        invite = commands.add_parser(
            "invite", help="create a registration address, valid for one hour"
        )
        invite.add_argument("--local", action="store_true", help="the LMS is in our own network")
        invite.add_argument(
            "--page-origin", default="", help="address of the LMS's pages; Canvas: the school's own"
        )
        for name, text in (
            ("on", "switch a platform on: launches are accepted"),
            ("off", "switch a platform off: launches are refused, sessions end"),
            ("remove", "delete a platform; courses and people stay"),
            ("sync", "synchronise the members of its courses now"),
        ):
            commands.add_parser(name, help=text).add_argument("platform", type=parse_positive_count)
        deployment = commands.add_parser("deployment", help="add a deployment id")
        deployment.add_argument("platform", type=parse_positive_count)
        deployment.add_argument("deployment_id")
        origin = commands.add_parser(
            "origin", help="add an address whose pages may show ours in a frame"
        )
        origin.add_argument("platform", type=parse_positive_count)
        origin.add_argument("address")
        add_examples(
            parser,
            "manage.py lti_platform --public-url https://fer.example invite",
            "manage.py lti_platform add --kind moodle --url https://moodle.example --client-id a1",
            "manage.py lti_platform list --json",
            "manage.py lti_platform on 1",
            "manage.py lti_platform off 1",
            "manage.py lti_platform remove 1",
            "manage.py lti_platform sync 1",
            "manage.py lti_platform deployment 1 2",
            "manage.py lti_platform origin 1 https://school.example",
            "manage.py lti_platform paste",
            "manage.py lti_platform rotate-keys",
            exit_1="no such platform, or a value that cannot be used",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['command'].replace('-', '_')}")(options)
        except InvalidPlatformError as error:
            raise CommandError(str(error)) from error

    def _add(self, options: dict[str, Any]) -> None:
        platform = add_platform(
            config=_build_config(options),
            active=not options["inactive"],
            actor=None,
            deployment_ids=options["deployment_id"],
        )
        self._show(platform)
        self._paste(options)

    def _list(self, options: dict[str, Any]) -> None:
        platforms = Platform.objects.order_by("pk")
        if options["json"]:
            self.stdout.write(json.dumps([_represent(platform) for platform in platforms]))
            return
        if not platforms:
            self.stdout.write("No platform is registered. Run `lti_platform invite` or `add`.")
        for platform in platforms:
            self._show(platform)

    def _paste(self, options: dict[str, Any]) -> None:
        urls = self._get_tool_urls(options)
        rows = [
            ("Tool URL, Redirection URI", "Target Link URI, Redirect URIs", urls.launch),
            ("Initiate login URL", "OpenID Connect Initiation Url", urls.login),
            ("Public keyset (Keyset URL)", "Public JWK URL", urls.key_set),
        ]
        self.stdout.write("Enter in the LMS (LTI 1.3):")
        for moodle, canvas, value in rows:
            self.stdout.write(f"  Moodle: {moodle}\n  Canvas: {canvas}\n    {value}")
        self.stdout.write("  Names and roles: yes. Grades: no. Name: yes. E-mail: no.")
        self.stdout.write("Canvas, as JSON:")
        self.stdout.write(json.dumps(build_canvas_configuration(urls), indent=2))

    def _invite(self, options: dict[str, Any]) -> None:
        urls = self._get_tool_urls(options)
        secret = create_invite(
            actor=None, local=options["local"], page_address=options["page_origin"]
        )
        self.stdout.write(f"{urls.register}?invite={secret}")
        self.stdout.write(
            "Valid once, for one hour. Then run lti_platform list and lti_platform on N."
        )

    def _rotate_keys(self, options: dict[str, Any]) -> None:
        key = rotate_keys()
        record_event(actor=None, action="lti.keys_rotated", subject=key, details={"kid": key.kid})
        self.stdout.write(
            f"Now signing with {key.kid}. The previous key stays published for a day."
        )

    def _on(self, options: dict[str, Any]) -> None:
        platform = self._get_platform(options)
        set_platform_active(platform=platform, active=True, actor=None)
        self._warn_missing_page_origin(platform)

    def _off(self, options: dict[str, Any]) -> None:
        set_platform_active(platform=self._get_platform(options), active=False, actor=None)

    def _remove(self, options: dict[str, Any]) -> None:
        remove_platform(platform=self._get_platform(options), actor=None)

    def _deployment(self, options: dict[str, Any]) -> None:
        add_deployment(
            platform=self._get_platform(options), deployment_id=options["deployment_id"], actor=None
        )

    def _origin(self, options: dict[str, Any]) -> None:
        platform = self._get_platform(options)
        add_page_origin(platform=platform, address=options["address"], actor=None)

    def _sync(self, options: dict[str, Any]) -> None:
        contexts = LtiContext.objects.select_related("deployment__platform", "course").filter(
            deployment__platform=self._get_platform(options)
        )
        failed = 0
        for context in contexts.exclude(memberships_url="").order_by("pk"):
            counts = try_sync_roster(context=context)
            context.refresh_from_db()
            failed += counts is None
            self.stdout.write(f"course {context.course_id}: {counts or context.roster_error}")
        if failed:
            raise CommandError(f"{failed} courses could not be synchronised.")

    def _show(self, platform: Platform) -> None:
        state = "on" if platform.active else "OFF: check it, then run lti_platform on"
        self.stdout.write(f"{platform.pk}: {platform.name} ({state})")
        for name in ("issuer", "client_id", "auth_login_url", "auth_token_url", "key_set_url"):
            self.stdout.write(f"    {name}: {getattr(platform, name)}")
        deployments = platform.deployments.order_by("pk").values_list("deployment_id", flat=True)
        self.stdout.write(f"    deployments: {', '.join(deployments) or 'none: nobody can launch'}")
        self.stdout.write(f"    may frame our pages: {', '.join(platform.frame_ancestors)}")
        self._warn_missing_page_origin(platform)

    def _warn_missing_page_origin(self, platform: Platform) -> None:
        if is_page_origin_missing(platform):
            self.stdout.write(
                "    The origin of its pages is missing, so frames stay empty. Run "
                f"lti_platform origin {platform.pk} https://school.instructure.com"
            )

    def _get_platform(self, options: dict[str, Any]) -> Platform:
        found = Platform.objects.filter(pk=options["platform"]).first()
        if found is None:
            raise CommandError("There is no such platform. Run lti_platform list.")
        return found

    def _get_tool_urls(self, options: dict[str, Any]) -> ToolUrls:
        origin = options["public_url"].rstrip("/") or settings.PUBLIC_URL
        if not origin:
            raise CommandError(
                "Set FER_PUBLIC_URL, or add --public-url https://host before the subcommand."
            )
        if not is_address(origin, schemes=("https", "http")):
            raise CommandError("--public-url is no address that begins with https:// or http://.")
        return ToolUrls(origin)


def _represent(platform: Platform) -> dict[str, Any]:
    names = ("name", "issuer", "client_id", "auth_login_url", "auth_token_url", "key_set_url")
    return {
        "id": platform.pk,
        "active": platform.active,
        **{name: getattr(platform, name) for name in names},
        "deployments": list(
            platform.deployments.order_by("pk").values_list("deployment_id", flat=True)
        ),
        "frame_ancestors": platform.frame_ancestors,
    }


def _add_platform_arguments(parser: CommandParser) -> None:
    parser.add_argument("--kind", choices=["moodle", "canvas", "other"], required=True)
    parser.add_argument("--url", help="Moodle, Canvas: address of its start page")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--deployment-id", action="append", default=[])
    parser.add_argument("--name", default="")
    for name in URL_OPTIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", default="")
    parser.add_argument(
        "--page-origin",
        action="append",
        default=[],
        help="further origin that may show our pages in a frame",
    )
    parser.add_argument(
        "--local", action="store_true", help="allow plain http and private addresses"
    )
    parser.add_argument("--inactive", action="store_true", help="do not switch it on yet")


def _build_config(options: dict[str, Any]) -> PlatformConfig:
    if options["kind"] != "other" and not options["url"]:
        raise CommandError("--url is missing.")
    config = PlatformConfig(**{name: options[name] for name in CONFIG_OPTIONS})
    config = fill_platform_urls(config, kind=options["kind"], url=options["url"] or "")
    return replace(config, page_origins=[*config.page_origins, *options["page_origin"]])
