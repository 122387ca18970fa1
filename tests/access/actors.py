"""The kinds of users, by their relation to one session and one learner in it."""

from enum import StrEnum


class Actor(StrEnum):
    ANONYMOUS = "nobody in particular"
    LEARNER = "the learner"
    CLASSMATE = "another learner of the same session"
    FORMER_LEARNER = "a learner of the session who has left the course"
    OTHER_LEARNER = "a learner of another course"
    TEACHER = "the teacher of the course"
    OTHER_TEACHER = "a teacher of another course"
    SUPPORT = "a support person of the learner, with consent"
    SUPPORT_WITHOUT_A_YES = "a support person of the learner, without consent"
    ADMINISTRATOR = "an administrator"
    PLATFORM = "the platform that the learner came from, by its token"
    TOKEN = "a program with a token of the course's teacher"
    OTHER_TOKEN = "a program with a token of another course's teacher"
    OTHER_PLATFORM = "another platform, by its own token"


EVERYONE = frozenset(Actor)
NOBODY: frozenset[Actor] = frozenset()
"""Only requests with a secret in the address or a machine token."""
PROGRAMS = frozenset({Actor.TOKEN, Actor.OTHER_TOKEN, Actor.PLATFORM, Actor.OTHER_PLATFORM})
SIGNED_IN = EVERYONE - PROGRAMS - {Actor.ANONYMOUS}
THE_LEARNER = frozenset({Actor.LEARNER})
LEARNERS = frozenset({Actor.LEARNER, Actor.CLASSMATE})
"""Each for their own participation; other data is checked as well."""
EVER_LEARNERS = LEARNERS | {Actor.FORMER_LEARNER}
"""Access to own data and withdrawal do not need enrolment."""
TEACHER = frozenset({Actor.TEACHER})
TEACHERS = frozenset({Actor.TEACHER, Actor.OTHER_TEACHER})
"""Each for their own course."""
TOKEN = frozenset({Actor.TOKEN})
TOKENS = frozenset({Actor.TOKEN, Actor.OTHER_TOKEN})
"""Each for its own course."""
MEMBERS = LEARNERS | TEACHER
SUPPORTERS = frozenset({Actor.SUPPORT, Actor.SUPPORT_WITHOUT_A_YES})
"""Each for their own link; only the first sees shared data."""
SUPPORT = frozenset({Actor.SUPPORT})
ADMINISTRATOR = frozenset({Actor.ADMINISTRATOR})
PLATFORM = frozenset({Actor.PLATFORM})
