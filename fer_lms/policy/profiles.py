"""Requirements of each jurisdiction before expressions may be read, with sources and a date.

Not legal advice: an interpretation by engineers, in places stricter than the law. It prevents an
installation without the usual safeguards; it does not make one lawful. What a program cannot check
is listed in `manual_checks`.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from fer_lms.policy.requirements import (
    Check,
    Requirement,
    Text,
    has_camera_retention,
    has_end,
    has_fields,
    has_guardian_age,
    has_medical_or_safety_purpose,
    has_no_disclosure,
    has_retention_schedule,
    is_on_device_only,
)


@dataclass(frozen=True, slots=True)
class Profile:
    key: str
    name: Text
    as_of: date
    requirements: tuple[Requirement, ...]
    manual_checks: tuple[Text, ...]
    """Requirements of the jurisdiction that no program can check."""


def _build_reference_requirement(source: str) -> Requirement:
    text = _("The signed decision has a reference under which it can be found.")
    return Requirement("reference", text, source, has_fields("reference"))


def _build_assessment_requirement(source: str) -> Requirement:
    text = _("An impact assessment was made and has a reference.")
    return Requirement("assessment", text, source, has_fields("impact_assessment"))


def _build_release_requirement(source: str) -> Requirement:
    text = _("There is a written release, and its reference is recorded.")
    return Requirement("release", text, source, has_fields("written_release"))


def _build_guardian_requirement(age: int, source: str) -> Requirement:
    text = _("A guardian agrees too for learners under {age}, or no learner is younger.")
    return Requirement("guardian", format_lazy(text, age=age), source, has_guardian_age(age))


def _build_retention_requirement(days: int, source: str) -> Requirement:
    text = _("Results read from the camera are stored for {days} days at most.")
    return Requirement("days", format_lazy(text, days=days), source, has_camera_retention(days))


def _build_common_requirement(key: str, text: Text, is_met: Check) -> Requirement:
    return Requirement(key, text, "required by this product in every jurisdiction", is_met)


COMMON_REQUIREMENTS = (
    _build_common_requirement(
        "responsible",
        _("Controller and contact are stated."),
        has_fields("controller", "contact"),
    ),
    _build_common_requirement(
        "purpose",
        _("The purpose, its kind and the sector are stated."),
        has_fields("purpose", "purpose_kind", "sector"),
    ),
    _build_common_requirement(
        "legal_basis", _("The legal basis is named."), has_fields("legal_basis")
    ),
    _build_common_requirement(
        "schedule",
        _("Every class of data has a retention period, which the public page states."),
        has_retention_schedule,
    ),
    _build_common_requirement(
        "end", _("It ends within 400 days, so that it is decided again."), has_end(400)
    ),
)
AS_OF = date(2026, 11, 22)
GDPR = "Regulation (EU) 2016/679 of 27 April 2016"
AI_ACT = "Regulation (EU) 2024/1689 of 13 June 2024"
BIPA = "Illinois Biometric Information Privacy Act of 3 October 2008, 740 ILCS 14"
NY_EDUCATION = "New York Education Law § 2-d, of 31 March 2014"
PDP = "Indonesia, Law 27 of 2022 on Personal Data Protection, of 17 October 2022"

EU = Profile(
    key="eu",
    name=_("European Union and European Economic Area"),
    as_of=AS_OF,
    requirements=(
        Requirement(
            "medical_or_safety",
            _("In education and at work: a medical or safety purpose; consent is not enough."),
            f"{AI_ACT}, Art. 5(1)(f), applies since 2 February 2025",
            has_medical_or_safety_purpose,
        ),
        _build_reference_requirement(f"{GDPR}, Art. 5(2)"),
        _build_assessment_requirement(f"{GDPR}, Art. 35(1) and (3)"),
        _build_guardian_requirement(
            16, f"{GDPR}, Art. 8(1); states may set 13 to 16; this is the highest"
        ),
        _build_retention_requirement(90, f"{GDPR}, Art. 5(1)(e); the law sets no limit in days"),
        *COMMON_REQUIREMENTS,
    ),
    manual_checks=(
        _("Whether the purpose is medical or safety in the sense of the law."),
        _("Human oversight, training of staff and the duties of deployers of high-risk systems."),
        _("The national law on schools, and the workers' or parents' council."),
    ),
)
UK = Profile(
    key="uk",
    name=_("United Kingdom"),
    as_of=AS_OF,
    requirements=(
        _build_reference_requirement(
            "UK GDPR, Art. 5(2), with the Data Protection Act 2018 of 23 May 2018"
        ),
        _build_assessment_requirement(
            "UK GDPR, Art. 35; ICO, Age appropriate design code, standard 2, 2020"
        ),
        _build_guardian_requirement(
            18,
            "Protection of Freedoms Act 2012 of 1 May 2012, s. 26: written for systems that "
            "recognise a person, applied here as a precaution; DPA 2018, s. 9, has 13 for online "
            "services",
        ),
        _build_retention_requirement(90, "UK GDPR, Art. 5(1)(e); the law sets no limit in days"),
        *COMMON_REQUIREMENTS,
    ),
    manual_checks=(
        _("A condition for special category data, and an appropriate policy document."),
        _("The registration with the Information Commissioner."),
    ),
)
US = Profile(
    key="us",
    name=_("United States, federal law only"),
    as_of=AS_OF,
    requirements=(
        _build_guardian_requirement(
            18,
            "Family Educational Rights and Privacy Act, 20 U.S.C. § 1232g, and Protection of "
            "Pupil Rights Amendment, § 1232h, of 1974 and 1978: parents' rights until 18; the "
            "Children's Online Privacy Protection Rule, 16 CFR 312, has 13",
        ),
        _build_reference_requirement(
            "34 CFR 99.31(a)(1), direct control by the school, 1988, amended 2011"
        ),
        _build_retention_requirement(
            90,
            "16 CFR 312.10, a written schedule; the rule sets no limit in days",
        ),
        *COMMON_REQUIREMENTS,
    ),
    manual_checks=(
        _("The state's own law on student data, which is often stricter."),
        _("The written agreement between the school and whoever runs this."),
    ),
)
US_IL = Profile(
    key="us-il",
    name=_("United States, Illinois"),
    as_of=AS_OF,
    requirements=(
        _build_release_requirement(f"{BIPA}/15(b), and School Code, 105 ILCS 5/10-20.40"),
        Requirement(
            "destroyed",
            _("All results read from the camera are destroyed within three years."),
            f"{BIPA}/15(a): a public schedule, three years at most",
            has_camera_retention(1095),
        ),
        Requirement(
            "no_disclosure",
            _("No results are disclosed to others."),
            f"{BIPA}/15(d): no disclosure without consent",
            has_no_disclosure,
        ),
        *US.requirements,
    ),
    manual_checks=(
        _("Whether the readings are a scan of face geometry; they are treated as one."),
        _("The releases themselves, signed and on file."),
        *US.manual_checks,
    ),
)
US_NY = Profile(
    key="us-ny",
    name=_("United States, New York"),
    as_of=AS_OF,
    requirements=(
        Requirement(
            "on_device",
            _("No picture leaves the learner's device."),
            "New York State Technology Law § 106-b, of 22 December 2020, and the Commissioner of "
            "Education's determination of 27 September 2023: they concern the identification "
            "of people; readings on the device alone avoid the question",
            is_on_device_only,
        ),
        Requirement(
            "no_disclosure",
            _("No results are disclosed to others."),
            NY_EDUCATION,
            has_no_disclosure,
        ),
        *US.requirements,
    ),
    manual_checks=(
        _("Whether the district may use it at all after the determination of 2023."),
        _("The Parents' Bill of Rights and its supplement in the contract (8 NYCRR 121)."),
        *US.manual_checks,
    ),
)
INDONESIA = Profile(
    key="id",
    name=_("Indonesia"),
    as_of=AS_OF,
    requirements=(
        _build_guardian_requirement(18, f"{PDP}, Art. 25; child: Law 35 of 2014, Art. 1"),
        _build_release_requirement(f"{PDP}, Art. 22: consent written or recorded"),
        _build_assessment_requirement(
            f"{PDP}, Art. 34, with Art. 4(2): biometric data and children's data"
        ),
        _build_reference_requirement(f"{PDP}, Art. 47"),
        _build_retention_requirement(90, f"{PDP}, Art. 42 to 44; the law sets no limit in days"),
        *COMMON_REQUIREMENTS,
    ),
    manual_checks=(
        _("Registration as an operator of electronic systems."),
        _("The rules on children in electronic systems (Government Regulation 17 of 2025)."),
    ),
)
OTHER = Profile(
    key="other",
    name=_("Elsewhere"),
    as_of=AS_OF,
    requirements=(
        _build_reference_requirement("not known to this product: the strictest of the others"),
        _build_assessment_requirement("not known to this product: the strictest of the others"),
        _build_release_requirement("not known to this product: the strictest of the others"),
        Requirement(
            "medical_or_safety",
            _("In education and at work: a medical or safety purpose."),
            "not known to this product: the strictest of the others",
            has_medical_or_safety_purpose,
        ),
        _build_guardian_requirement(18, "not known to this product: the strictest of the others"),
        _build_retention_requirement(90, "not known to this product: the strictest of the others"),
        *COMMON_REQUIREMENTS,
    ),
    manual_checks=(_("Your own law. Ask a lawyer."),),
)

PROFILES = {profile.key: profile for profile in (EU, UK, US, US_IL, US_NY, INDONESIA, OTHER)}
