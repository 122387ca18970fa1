"""Who asks. Each stands in a relation to one sitting, and to one learner in it."""

from enum import StrEnum


class Actor(StrEnum):
    ANONYMOUS = "nobody in particular"
    LEARNER = "the learner"
    CLASSMATE = "another learner of the same sitting"
    FORMER_LEARNER = "a learner of the sitting who has left the course"
    OTHER_LEARNER = "a learner of another course"
    TEACHER = "the teacher of the course"
    OTHER_TEACHER = "a teacher of another course"
    SUPPORT = "a support person of the learner, with consent"
    SUPPORT_WITHOUT_A_YES = "a support person of the learner, without consent"
    ADMINISTRATOR = "an administrator"
    PLATFORM = "the platform that the learner came from, by its token"
    OTHER_PLATFORM = "another platform, by its own token"


EVERYONE = frozenset(Actor)
NOBODY: frozenset[Actor] = frozenset()
"""Only who holds a secret that the address carries, or a token that no person has."""
SIGNED_IN = EVERYONE - {Actor.ANONYMOUS, Actor.PLATFORM, Actor.OTHER_PLATFORM}
THE_LEARNER = frozenset({Actor.LEARNER})
LEARNERS = frozenset({Actor.LEARNER, Actor.CLASSMATE})
"""Each for the own place; what they see of each other is looked at as well."""
EVER_LEARNERS = LEARNERS | {Actor.FORMER_LEARNER}
"""What is kept of oneself, and taking it back, needs only to have been there."""
TEACHER = frozenset({Actor.TEACHER})
TEACHERS = frozenset({Actor.TEACHER, Actor.OTHER_TEACHER})
"""Each for the own course."""
MEMBERS = LEARNERS | TEACHER
SUPPORTERS = frozenset({Actor.SUPPORT, Actor.SUPPORT_WITHOUT_A_YES})
"""Each for the own link; what is shared only the first of them sees."""
SUPPORT = frozenset({Actor.SUPPORT})
ADMINISTRATOR = frozenset({Actor.ADMINISTRATOR})
PLATFORM = frozenset({Actor.PLATFORM})
