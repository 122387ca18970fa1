"""What each place demands before expressions may be read: data, with its sources and a date.

No legal advice: a careful reading by engineers, in places stricter than the law. It keeps an
installation from starting without what everybody would ask for; it does not make one lawful.
What a program cannot look at stands under `beyond`, for people to see to.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from fer_lms.policy.requirements import (
    Check,
    Demand,
    Text,
    camera_figures_at_most,
    ends_within,
    filled,
    guardian_under,
    medical_or_safety,
    no_figures_to_others,
    on_device_only,
    schedule_stated,
)


@dataclass(frozen=True, slots=True)
class Profile:
    key: str
    name: Text
    as_of: date
    demands: tuple[Demand, ...]
    beyond: tuple[Text, ...]
    """What the place asks for and no program can check."""


def _reference(source: str) -> Demand:
    says = _("The signed decision has a reference under which it can be found.")
    return Demand("reference", says, source, filled("reference"))


def _assessment(source: str) -> Demand:
    says = _("An impact assessment was made and has a reference.")
    return Demand("assessment", says, source, filled("impact_assessment"))


def _release(source: str) -> Demand:
    says = _("There is a written release, and its reference is recorded.")
    return Demand("release", says, source, filled("written_release"))


def _guardian(age: int, source: str) -> Demand:
    says = _("A guardian agrees too for learners under {age}, or nobody is so young.")
    return Demand("guardian", format_lazy(says, age=age), source, guardian_under(age))


def _at_most(days: int, source: str) -> Demand:
    says = _("What was read from the camera is kept for {days} days at most.")
    return Demand("days", format_lazy(says, days=days), source, camera_figures_at_most(days))


def _everywhere(key: str, says: Text, holds: Check) -> Demand:
    return Demand(key, says, "demanded by this product everywhere", holds)


EVERYWHERE = (
    _everywhere(
        "responsible",
        _("It is written who is responsible and whom to ask."),
        filled("controller", "contact"),
    ),
    _everywhere(
        "purpose",
        _("The purpose, its kind and the sector are stated."),
        filled("purpose", "purpose_kind", "sector"),
    ),
    _everywhere("legal_basis", _("The legal basis is named."), filled("legal_basis")),
    _everywhere(
        "schedule",
        _("Every class of data has a number of days, and the public page states them."),
        schedule_stated,
    ),
    _everywhere(
        "end", _("It ends within 400 days, so that somebody decides again."), ends_within(400)
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
    demands=(
        Demand(
            "medical_or_safety",
            _("In education and at work: a recorded medical or safety purpose. Consent is no way."),
            f"{AI_ACT}, Art. 5(1)(f), applies since 2 February 2025",
            medical_or_safety,
        ),
        _reference(f"{GDPR}, Art. 5(2)"),
        _assessment(f"{GDPR}, Art. 35(1) and (3)"),
        _guardian(16, f"{GDPR}, Art. 8(1); states may set 13 to 16, the highest is taken"),
        _at_most(90, f"{GDPR}, Art. 5(1)(e); the law names no number, ours"),
        *EVERYWHERE,
    ),
    beyond=(
        _("Whether the purpose is medical or safety in the sense of the law."),
        _("Human oversight, training of staff and the duties of deployers of high-risk systems."),
        _("The national law on schools, and the workers' or parents' council."),
    ),
)
UK = Profile(
    key="uk",
    name=_("United Kingdom"),
    as_of=AS_OF,
    demands=(
        _reference("UK GDPR, Art. 5(2), with the Data Protection Act 2018 of 23 May 2018"),
        _assessment("UK GDPR, Art. 35; ICO, Age appropriate design code, standard 2, 2020"),
        _guardian(
            18,
            "Protection of Freedoms Act 2012 of 1 May 2012, s. 26: written for systems that "
            "recognise a person, applied here out of care; DPA 2018, s. 9, has 13 for online "
            "services",
        ),
        _at_most(90, "UK GDPR, Art. 5(1)(e); the law names no number, ours"),
        *EVERYWHERE,
    ),
    beyond=(
        _("A condition for special category data, and an appropriate policy document."),
        _("The registration with the Information Commissioner."),
    ),
)
US = Profile(
    key="us",
    name=_("United States, federal law only"),
    as_of=AS_OF,
    demands=(
        _guardian(
            18,
            "Family Educational Rights and Privacy Act, 20 U.S.C. § 1232g, and Protection of "
            "Pupil Rights Amendment, § 1232h, of 1974 and 1978: parents' rights until 18; the "
            "Children's Online Privacy Protection Rule, 16 CFR 312, has 13",
        ),
        _reference("34 CFR 99.31(a)(1), the school's direct control, of 1988, amended 2011"),
        _at_most(90, "16 CFR 312.10, a written schedule; the rule names no number, ours"),
        *EVERYWHERE,
    ),
    beyond=(
        _("The state's own law on student data, which is often stricter."),
        _("The written agreement between the school and whoever runs this."),
    ),
)
US_IL = Profile(
    key="us-il",
    name=_("United States, Illinois"),
    as_of=AS_OF,
    demands=(
        _release(f"{BIPA}/15(b), and School Code, 105 ILCS 5/10-20.40"),
        Demand(
            "destroyed",
            _("All figures read from the camera are destroyed within three years."),
            f"{BIPA}/15(a): a public schedule, three years at most",
            camera_figures_at_most(1095),
        ),
        Demand(
            "no_disclosure",
            _("No figures go to others."),
            f"{BIPA}/15(d): no disclosure without consent",
            no_figures_to_others,
        ),
        *US.demands,
    ),
    beyond=(
        _("Whether what is read is a scan of face geometry; it is treated as one."),
        _("The releases themselves, signed and on file."),
        *US.beyond,
    ),
)
US_NY = Profile(
    key="us-ny",
    name=_("United States, New York"),
    as_of=AS_OF,
    demands=(
        Demand(
            "on_device",
            _("No picture leaves the learner's device."),
            "New York State Technology Law § 106-b, of 22 December 2020, and the Commissioner of "
            "Education's determination of 27 September 2023: they speak of identifying people; "
            "the device alone keeps clear of it",
            on_device_only,
        ),
        Demand("no_disclosure", _("No figures go to others."), NY_EDUCATION, no_figures_to_others),
        *US.demands,
    ),
    beyond=(
        _("Whether the district may use it at all after the determination of 2023."),
        _("The Parents' Bill of Rights and its supplement in the contract (8 NYCRR 121)."),
        *US.beyond,
    ),
)
INDONESIA = Profile(
    key="id",
    name=_("Indonesia"),
    as_of=AS_OF,
    demands=(
        _guardian(18, f"{PDP}, Art. 25; child: Law 35 of 2014, Art. 1"),
        _release(f"{PDP}, Art. 22: consent written or recorded"),
        _assessment(f"{PDP}, Art. 34, with Art. 4(2): biometric data and children's data"),
        _reference(f"{PDP}, Art. 47"),
        _at_most(90, f"{PDP}, Art. 42 to 44; the law names no number, ours"),
        *EVERYWHERE,
    ),
    beyond=(
        _("Registration as an operator of electronic systems."),
        _("The rules on children in electronic systems (Government Regulation 17 of 2025)."),
    ),
)
OTHER = Profile(
    key="other",
    name=_("Elsewhere"),
    as_of=AS_OF,
    demands=(
        _reference("not known to this product: the strictest of the others"),
        _assessment("not known to this product: the strictest of the others"),
        _release("not known to this product: the strictest of the others"),
        Demand(
            "medical_or_safety",
            _("In education and at work: a recorded medical or safety purpose."),
            "not known to this product: the strictest of the others",
            medical_or_safety,
        ),
        _guardian(18, "not known to this product: the strictest of the others"),
        _at_most(90, "not known to this product: the strictest of the others"),
        *EVERYWHERE,
    ),
    beyond=(_("Your own law. Ask somebody who knows it."),),
)

PROFILES = {each.key: each for each in (EU, UK, US, US_IL, US_NY, INDONESIA, OTHER)}
